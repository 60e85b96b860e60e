using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Resources;

/// <summary>
/// The fixed part of a resource, replaced whole. A resource is a head and a set of entries; a change moves only the entries that it concerns.
/// </summary>
public abstract record ResourceHead
{
    private ResourceHead()
    {
    }

    /// <summary>Of bindings and group parts, which are nothing but their entries.</summary>
    public sealed record None : ResourceHead
    {
        public static readonly None Instance = new();
    }

    /// <summary>Of a profile. Entries: <see cref="ResourceEntry.PolicyInForce"/>.</summary>
    public sealed record Profile(ImmutableArray<NamedPort> NamedPorts, Posture DefaultIngress, Posture DefaultEgress) : ResourceHead
    {
        public bool Equals(Profile? other) =>
            other is not null && DefaultIngress == other.DefaultIngress && DefaultEgress == other.DefaultEgress &&
            NamedPorts.SequenceEqual(other.NamedPorts);

        public override int GetHashCode() => HashCode.Combine(DefaultIngress, DefaultEgress, NamedPorts.Length);
    }

    /// <summary>Of a policy's rules, which have no entries. <see cref="Groups"/> are the definitions of all groups that the rules name.</summary>
    public sealed record PolicyRules(
        PolicyId Policy,
        ImmutableArray<CompiledRule> Ingress,
        ImmutableArray<CompiledRule> Egress,
        Revocation Revocation,
        ImmutableArray<GroupDefinition> Groups) : ResourceHead
    {
        public bool Equals(PolicyRules? other) =>
            other is not null && Policy == other.Policy && Revocation == other.Revocation && Ingress.SequenceEqual(other.Ingress) &&
            Egress.SequenceEqual(other.Egress) && Groups.SequenceEqual(other.Groups);

        public override int GetHashCode() => HashCode.Combine(Policy, Ingress.Length, Egress.Length);
    }
}

/// <summary>One element of a resource. It is its own key: a changed element is one removed and one added.</summary>
public abstract record ResourceEntry
{
    private ResourceEntry()
    {
    }

    /// <summary>Of a binding: one managed endpoint on the node. hostNetwork endpoints and those without an address are not bound.</summary>
    public sealed record BoundEndpoint(EndpointId Endpoint, ImmutableArray<Address> Addresses, string? Interface, ProfileId Profile) : ResourceEntry
    {
        public bool Equals(BoundEndpoint? other) =>
            other is not null && Endpoint == other.Endpoint && Interface == other.Interface && Profile == other.Profile &&
            Addresses.SequenceEqual(other.Addresses);

        public override int GetHashCode() => HashCode.Combine(Endpoint, Profile, Interface);
    }

    /// <summary>
    /// Of a profile: a policy that selects the identity, in one of its directions. Admin and Baseline are read by (priority, policy name).
    /// An enforced Tenant tier entry isolates the direction, whether the policy has rules or not; a staged one does not.
    /// </summary>
    public sealed record PolicyInForce(Direction Direction, Tier Tier, int Priority, PolicyId Policy, PolicyRulesId Rules, bool Staged) : ResourceEntry;

    /// <summary>Of a group part.</summary>
    public sealed record Member(GroupMember Value) : ResourceEntry;
}

/// <summary>A rule as a node gets it: selectors have become groups. It matches when any of <see cref="Matches"/> does.</summary>
public sealed record CompiledRule(string Name, RuleAction Action, ImmutableArray<CompiledMatch> Matches, bool Log)
{
    public bool Equals(CompiledRule? other) =>
        other is not null && Name == other.Name && Action == other.Action && Log == other.Log && Matches.SequenceEqual(other.Matches);

    public override int GetHashCode() => HashCode.Combine(Name, Action, Matches.Length);
}

/// <summary>
/// One way for a rule to match: (no peers, or any peer) AND (no services, or any service) AND, where <see cref="DestinationPorts"/> is not null,
/// the flow's (destination address, protocol, destination port) is a member of that group. A rule without named ports on its egress side has one
/// match. A named port of an egress rule resolves at the peers: each such (name, protocol) has matches of its own, without services, whose
/// <see cref="DestinationPorts"/> holds the (address, protocol, port) of the endpoints that have the name: those of one endpoints peer, and then no
/// peers; or, for all other peers of the rule together, those of every tenant, and then these peers. A named port of an ingress rule stays a
/// <see cref="PortMatch.Named"/> and resolves by the profile's named ports.
/// </summary>
public sealed record CompiledMatch(ImmutableArray<CompiledPeer> Peers, ImmutableArray<Service> Services, GroupId? DestinationPorts = null)
{
    public bool Equals(CompiledMatch? other) =>
        other is not null && DestinationPorts == other.DestinationPorts && Peers.SequenceEqual(other.Peers) && Services.SequenceEqual(other.Services);

    public override int GetHashCode() => HashCode.Combine(Peers.Length, Services.Length, DestinationPorts);
}

/// <summary>The other side as a node gets it.</summary>
public abstract record CompiledPeer
{
    private CompiledPeer()
    {
    }

    public sealed record Any : CompiledPeer
    {
        public static readonly Any Instance = new();
    }

    public sealed record Group(GroupId Id) : CompiledPeer;

    public sealed record Block(Cidr Cidr, ImmutableArray<Cidr> Except) : CompiledPeer
    {
        public bool Equals(Block? other) => other is not null && Cidr == other.Cidr && Except.SequenceEqual(other.Except);

        public override int GetHashCode() => HashCode.Combine(Cidr, Except.Length);
    }

    /// <summary>The addresses of the node that enforces the rule.</summary>
    public sealed record LocalNode : CompiledPeer
    {
        public static readonly LocalNode Instance = new();
    }
}
