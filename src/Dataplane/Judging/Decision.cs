using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Judging;

/// <summary>What becomes of a flow on this node: egress at its source, ingress at its destination. Both must allow.</summary>
public readonly record struct Decision(SideDecision Egress, SideDecision Ingress)
{
    public bool Allowed => Egress.Allows && Ingress.Allows;
}

/// <summary>What one side of a flow says, and who says it.</summary>
public abstract record SideDecision
{
    private SideDecision(bool allows) => Allows = allows;

    public bool Allows { get; }

    /// <summary>A policy denies, and it is one that ends what it revokes (<see cref="PolicyRules.CutRevoked"/>).</summary>
    public bool Cuts { get; private init; }

    /// <summary>Nobody is asked.</summary>
    public sealed record NotJudged(Exemption Why) : SideDecision(true)
    {
        public override string ToString() => Why switch
        {
            Exemption.NoEndpoint => "no endpoint of this node",
            Exemption.SameEndpoint => "the endpoint itself",
            _ => "the endpoint's own node",
        };
    }

    /// <summary>A rule of a policy.</summary>
    public sealed record ByRule : SideDecision
    {
        public ByRule(Tier tier, string policy, string rule, bool allows, bool cuts)
            : base(allows)
        {
            (Tier, Policy, Rule, Cuts) = (tier, policy, rule, cuts);
        }

        public Tier Tier { get; }

        /// <summary>The policy's resource name.</summary>
        public string Policy { get; }

        /// <summary>May be empty.</summary>
        public string Rule { get; }

        public override string ToString() => $"{Tier} {Policy}{(Rule.Length == 0 ? "" : $" rule {Rule}")}";
    }

    /// <summary>No rule of the Tenant tier's policies allows it, and they isolate the endpoint.</summary>
    public sealed record Isolated : SideDecision
    {
        public Isolated(ImmutableArray<string> policies, bool cuts)
            : base(false)
        {
            (Policies, Cuts) = (policies, cuts);
        }

        /// <summary>Resource names, in their order.</summary>
        public ImmutableArray<string> Policies { get; }

        public bool Equals(Isolated? other) => other is not null && Cuts == other.Cuts && Policies.SequenceEqual(other.Policies);

        public override int GetHashCode() => HashCode.Combine(Cuts, Policies.Length);

        public override string ToString() => $"isolated by {string.Join(", ", Policies)}";
    }

    /// <summary>No policy decides: the posture of the endpoint's tenant.</summary>
    public sealed record ByDefault(bool Allows) : SideDecision(Allows)
    {
        public override string ToString() => "default";
    }

    /// <summary>This agent does not know enough to allow it; <paramref name="Why"/> says what is missing.</summary>
    public sealed record Closed(string Why) : SideDecision(false)
    {
        public override string ToString() => $"closed: {Why}";
    }
}

/// <summary>Why a side is not judged.</summary>
public enum Exemption
{
    /// <summary>The address is that of no endpoint of this node.</summary>
    NoEndpoint,
    SameEndpoint,
    OwnNode,
}
