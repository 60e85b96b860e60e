using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Policies.Evaluation;

/// <summary>How one direction of a flow is decided, and by what.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    public abstract bool Allows { get; }

    /// <summary>No policy is asked; the flow passes in this direction.</summary>
    public sealed record NotJudged(Exemption Why) : Decision
    {
        public override bool Allows => true;

        public override string ToString() => $"allow, not judged: {Why}";
    }

    /// <summary>The rule's action is Allow or Deny; a Pass only leaves the tier.</summary>
    public sealed record ByRule(Tier Tier, PolicyId Policy, RuleMatch Rule) : Decision
    {
        public override bool Allows => Rule.Action == RuleAction.Allow;

        public override string ToString() => $"{(Allows ? "allow" : "deny")} by {Policy} {Rule} ({Tier} tier)";
    }

    /// <summary>These Tenant tier policies select the endpoint, and none of their rules match. Never empty; by name.</summary>
    public sealed record Isolated(ImmutableArray<PolicyId> By) : Decision
    {
        public override bool Allows => false;

        public bool Equals(Isolated? other) => other is not null && By.SequenceEqual(other.By);

        public override int GetHashCode() => By.Aggregate(7, HashCode.Combine);

        public override string ToString() => $"deny, isolated by {string.Join(", ", By)} and no rule matches";
    }

    /// <summary>No policy decides: a node is open.</summary>
    public sealed record OpenNode : Decision
    {
        public static readonly OpenNode Instance = new();

        public override bool Allows => true;

        public override string ToString() => "allow, a node is open unless a policy denies";
    }

    /// <summary>No policy decides: the tenant's default posture for the direction.</summary>
    public sealed record ByDefault(Posture Posture) : Decision
    {
        public override bool Allows => Posture == Posture.Allow;

        public override string ToString() => $"{(Allows ? "allow" : "deny")} by the tenant's default posture";
    }
}

/// <summary>Why a direction of a flow is not judged.</summary>
public enum Exemption
{
    /// <summary>The address belongs to no endpoint: a node, or something outside.</summary>
    Unmanaged,

    /// <summary>The address belongs to an endpoint that shares its node's network: nobody can tell it from the node.</summary>
    HostNetwork,

    /// <summary>The endpoint talks to itself.</summary>
    SameEndpoint,

    /// <summary>The other side is the node that the endpoint runs on (health checks must pass), and nodes are exempt.</summary>
    OwnNode,

    /// <summary>IPv6 cannot work without it.</summary>
    NeighbourDiscovery,

    /// <summary>The node talks to itself.</summary>
    SameNode,

    /// <summary>Seen from the node: the other side is an endpoint that runs on it, and nodes are exempt.</summary>
    OwnEndpoint,
}

/// <summary>What is done between an endpoint and the node that it runs on.</summary>
public enum NodeMode
{
    /// <summary>It passes without being judged.</summary>
    Exempt,

    /// <summary>It is judged like any other flow.</summary>
    Judged,
}
