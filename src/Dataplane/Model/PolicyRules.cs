using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Dataplane.Model;

/// <summary>The rules of one policy, in written order. <paramref name="CutRevoked"/>: flows that a change no longer allows are to end.</summary>
public sealed record PolicyRules(string Policy, ImmutableArray<Rule> Ingress, ImmutableArray<Rule> Egress, bool CutRevoked);

public enum RuleAction
{
    Allow,
    Deny,
    Pass,

    /// <summary>One that this agent does not know: denies everything.</summary>
    Unknown,
}

/// <summary>Matches when any of <see cref="Matches"/> does; without one it matches nothing.</summary>
public sealed record Rule(string Name, RuleAction Action, ImmutableArray<Match> Matches, bool Log = false);

/// <summary>
/// (No peers, or any peer) and (no services, or any service) and, where <see cref="DestinationPorts"/> names a group, the flow's destination
/// address, protocol and port are a member of it.
/// </summary>
public sealed record Match(ImmutableArray<Peer> Peers, ImmutableArray<Service> Services, string? DestinationPorts = null);

/// <summary>The other side of a flow: its source for ingress, its destination for egress.</summary>
public abstract record Peer
{
    private Peer()
    {
    }

    public sealed record Any : Peer
    {
        public static readonly Any Instance = new();
    }

    public sealed record Group(string Name) : Peer;

    public sealed record Block(Cidr Cidr, ImmutableArray<Cidr> Except) : Peer
    {
        public bool Equals(Block? other) => other is not null && Cidr == other.Cidr && Except.SequenceEqual(other.Except);

        public override int GetHashCode() => HashCode.Combine(Cidr, Except.Length);
    }

    /// <summary>The addresses of this node.</summary>
    public sealed record LocalNode : Peer
    {
        public static readonly LocalNode Instance = new();
    }

    /// <summary>A kind that this agent does not know.</summary>
    public sealed record Unknown : Peer
    {
        public static readonly Unknown Instance = new();
    }
}

/// <summary>
/// What is asked for. <paramref name="Protocol"/> null: any. Ports and names both empty: any port. A name resolves by the profile's named ports; one
/// that it lacks matches nothing. <paramref name="Known"/> false: it says something that this agent does not know.
/// </summary>
public sealed record Service(
    byte? Protocol,
    ImmutableArray<PortRange> Ports,
    ImmutableArray<string> NamedPorts,
    byte? IcmpType = null,
    byte? IcmpCode = null,
    bool Known = true)
{
    public static readonly Service Any = new(null, [], []);

    public static readonly Service Unknown = new(null, [], [], Known: false);

    public static Service Of(byte protocol, params ReadOnlySpan<PortRange> ports) => new(protocol, [.. ports], []);
}
