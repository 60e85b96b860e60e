using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Policies.Model;

public enum Tier
{
    Admin,
    Tenant,
    Baseline,
}

/// <summary>Staged policies never enter the verdict; they are compiled, counted and shown as "would have".</summary>
public enum PolicyMode
{
    Enforced,
    Staged,
}

/// <summary>What happens to open connections that a change no longer allows.</summary>
public enum Revocation
{
    Keep,
    Cut,
}

public enum Direction
{
    Ingress,
    Egress,
}

public enum RuleAction
{
    Allow,
    Deny,
    Pass,
}

/// <summary>
/// Who may talk to whom. Tenant tier policies belong to a tenant, hold Allow rules only and ignore <see cref="Priority"/>;
/// Admin and Baseline policies belong to the operator and are read by (priority, name), priority 0..1000, lower first.
/// </summary>
public sealed record Policy(
    PolicyId Id,
    Tier Tier,
    int Priority,
    PolicyMode Mode,
    Revocation Revocation,
    ImmutableArray<EndpointSelector> Subject,
    ImmutableArray<Direction> Directions,
    ImmutableArray<Rule> Ingress,
    ImmutableArray<Rule> Egress)
{
    /// <summary>
    /// The nodes that the policy is about; then it is an operator's, <see cref="Subject"/> is empty, and its peers are not seen from a tenant.
    /// </summary>
    public ImmutableArray<Selector> Nodes { get; init; } = [];

    public bool IsAboutNodes => !Nodes.IsEmpty;

    public ImmutableArray<Rule> Rules(Direction direction) => direction == Direction.Ingress ? Ingress : Egress;

    public bool Equals(Policy? other) =>
        other is not null && Id == other.Id && Tier == other.Tier && Priority == other.Priority && Mode == other.Mode &&
        Revocation == other.Revocation && Subject.SequenceEqual(other.Subject) && Nodes.SequenceEqual(other.Nodes) && Directions.SequenceEqual(other.Directions) &&
        Ingress.SequenceEqual(other.Ingress) && Egress.SequenceEqual(other.Egress);

    public override int GetHashCode() => HashCode.Combine(Id, Tier, Priority, Mode, Ingress.Length, Egress.Length);
}

/// <summary>
/// Matches when (no peers or any peer matches) and (no services or any service matches). Peers and services of one rule never mix with another's.
/// </summary>
public sealed record Rule(string Name, RuleAction Action, ImmutableArray<Peer> Peers, ImmutableArray<Service> Services, bool Log = false)
{
    public bool Equals(Rule? other) =>
        other is not null && Name == other.Name && Action == other.Action && Log == other.Log && Peers.SequenceEqual(other.Peers) &&
        Services.SequenceEqual(other.Services);

    public override int GetHashCode() => HashCode.Combine(Name, Action, Peers.Length, Services.Length);
}

/// <summary>The other side of a flow.</summary>
public abstract record Peer
{
    private Peer()
    {
    }

    public sealed record Any : Peer
    {
        public static readonly Any Instance = new();
    }

    public sealed record Endpoints(EndpointSelector Selector) : Peer;

    /// <summary>Any address of the block, internal ones too, less the excepted blocks, each of which lies inside <see cref="Cidr"/>.</summary>
    public sealed record Block(Cidr Cidr, ImmutableArray<Cidr> Except) : Peer
    {
        public bool Equals(Block? other) => other is not null && Cidr == other.Cidr && Except.SequenceEqual(other.Except);

        public override int GetHashCode() => HashCode.Combine(Cidr, Except.Length);
    }

    public sealed record Set(NetworkSetName Name) : Peer;

    /// <summary>The node that the selected endpoint runs on.</summary>
    public sealed record LocalNode : Peer
    {
        public static readonly LocalNode Instance = new();
    }

    /// <summary>The addresses of the nodes whose labels match.</summary>
    public sealed record Nodes(Selector Selector) : Peer;
}

/// <summary>
/// What is asked for. <see cref="Protocol"/> null is any IP protocol. <see cref="Ports"/> empty is any port; ports only with tcp, udp and sctp.
/// ICMP type and code only with icmp and icmpv6; a code only with a type; null matches every one.
/// </summary>
public sealed record Service(byte? Protocol, ImmutableArray<PortMatch> Ports, byte? IcmpType = null, byte? IcmpCode = null)
{
    public static readonly Service Any = new(null, []);

    public bool Equals(Service? other) =>
        other is not null && Protocol == other.Protocol && IcmpType == other.IcmpType && IcmpCode == other.IcmpCode &&
        Ports.SequenceEqual(other.Ports);

    public override int GetHashCode() => HashCode.Combine(Protocol, IcmpType, IcmpCode, Ports.Length);
}

/// <summary>A port of the destination: a range of numbers, or a name that the destination gives a number.</summary>
public abstract record PortMatch
{
    private PortMatch()
    {
    }

    public sealed record Numbers(PortRange Range) : PortMatch;

    /// <summary>Resolves on the destination; one that lacks the name (with the service's protocol) does not match.</summary>
    public sealed record Named(string Name) : PortMatch;
}
