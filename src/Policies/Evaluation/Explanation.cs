using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Policies.Evaluation;

/// <summary>
/// A verdict with every policy that was considered: the operator's and those of the endpoint's own tenant, by tier, then in the tier's order. A
/// policy of another tenant cannot select the endpoint and is not listed. Empty for a direction that is not judged. Policies behind the deciding
/// one are listed too, with what they would have found.
/// </summary>
public sealed record Explanation(Verdict Verdict, ImmutableArray<ConsideredPolicy> Egress, ImmutableArray<ConsideredPolicy> Ingress)
{
    public bool Equals(Explanation? other) =>
        other is not null && Verdict == other.Verdict && Egress.SequenceEqual(other.Egress) && Ingress.SequenceEqual(other.Ingress);

    public override int GetHashCode() => HashCode.Combine(Verdict, Egress.Length, Ingress.Length);
}

public sealed record ConsideredPolicy(PolicyId Policy, Tier Tier, PolicyMode Mode, Finding Finding)
{
    public override string ToString() => $"{Policy} ({Tier} tier, {Mode}): {Finding}";
}

/// <summary>What one policy has to say about one direction of a flow.</summary>
public abstract record Finding
{
    private Finding()
    {
    }

    /// <summary>Whether the policy selects the endpoint in the direction, whatever its rules say.</summary>
    public bool InForce => this is Matches or NoRuleMatches;

    /// <summary>The first rule that matches, or null: none does, or the policy is not in force.</summary>
    public RuleMatch? Rule => (this as Matches)?.First;

    public sealed record SubjectDoesNotSelect : Finding
    {
        public static readonly SubjectDoesNotSelect Instance = new();

        public override string ToString() => "the subject does not select the endpoint";
    }

    public sealed record DirectionNotCovered : Finding
    {
        public static readonly DirectionNotCovered Instance = new();

        public override string ToString() => "the direction is not covered";
    }

    /// <summary>The policy is in force and its first rule that matches is <paramref name="First"/>; those before it are <paramref name="Missed"/>.</summary>
    public sealed record Matches(RuleMatch First, ImmutableArray<RuleMiss> Missed) : Finding
    {
        public bool Equals(Matches? other) => other is not null && First == other.First && Missed.SequenceEqual(other.Missed);

        public override int GetHashCode() => HashCode.Combine(First, Missed.Length);

        public override string ToString() => $"{First} matches";
    }

    /// <summary>The policy is in force and none of its rules match; in the Tenant tier it isolates nevertheless.</summary>
    public sealed record NoRuleMatches(ImmutableArray<RuleMiss> Missed) : Finding
    {
        public bool Equals(NoRuleMatches? other) => other is not null && Missed.SequenceEqual(other.Missed);

        public override int GetHashCode() => Missed.Length;

        public override string ToString() => "no rule matches";
    }
}
