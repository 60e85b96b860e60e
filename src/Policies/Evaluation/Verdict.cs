using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Policies.Evaluation;

/// <summary>
/// What becomes of a flow. Egress is enforced on the source's node, ingress on the destination's, each without asking the other.
/// </summary>
public sealed record Verdict(Flow Flow, DirectionVerdict Egress, DirectionVerdict Ingress)
{
    /// <summary>Both directions must allow.</summary>
    public bool Allowed => Egress.Allowed && Ingress.Allowed;

    public override string ToString() => $"{Flow}: {(Allowed ? "allow" : "deny")} (egress: {Egress.Decision}; ingress: {Ingress.Decision})";
}

/// <summary>One direction of a flow: egress at the source, ingress at the destination.</summary>
/// <param name="Endpoint">The managed endpoint whose direction it is; null when the address belongs to none.</param>
/// <param name="Decision">What counts: the staged policies have no part in it.</param>
/// <param name="Staged">
/// The staged policies that select the endpoint in this direction, in the order of evaluation; empty when it is not judged.
/// </param>
/// <param name="WouldHave">
/// The decision were all of <paramref name="Staged"/> enforced; equal to <paramref name="Decision"/> when there are none.
/// </param>
/// <param name="Node">The node whose own direction it is: policies select it, and the address is one of its own. Null otherwise.</param>
public sealed record DirectionVerdict(
    Direction Direction, EndpointId? Endpoint, Decision Decision, ImmutableArray<StagedPolicy> Staged, Decision WouldHave, NodeName? Node = null)
{
    public bool Allowed => Decision.Allows;

    public bool Equals(DirectionVerdict? other) =>
        other is not null && Direction == other.Direction && Endpoint == other.Endpoint && Node == other.Node && Decision == other.Decision &&
        WouldHave == other.WouldHave && Staged.SequenceEqual(other.Staged);

    public override int GetHashCode() => HashCode.Combine(Direction, Endpoint, Decision);
}

/// <summary>
/// What a staged policy would have said by itself. A Tenant tier policy none of whose rules match would have denied, as it isolates.
/// </summary>
/// <param name="Rule">The rule that matches; null when none does.</param>
public sealed record StagedPolicy(PolicyId Policy, Tier Tier, RuleMatch? Rule)
{
    /// <summary>Null: nothing, the tier would have gone on.</summary>
    public RuleAction? WouldHave => Rule is { } rule ? rule.Action : Tier == Tier.Tenant ? RuleAction.Deny : null;

    public override string ToString() => $"{Policy} would have {WouldHave?.ToString().ToLowerInvariant() ?? "said nothing"}";
}
