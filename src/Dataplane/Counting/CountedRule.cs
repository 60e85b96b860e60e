using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Counting;

/// <summary>A rule of a policy, as its packets are added up: over families, chains and lines.</summary>
public readonly record struct CountedRule(string Policy, string Rule, Direction Direction, Tier Tier, bool Staged);

/// <summary>
/// Endpoints that are judged alike in one direction, by the first of their profiles; empty: none of the node's. <see cref="Direction.Unknown"/>:
/// forged sources and unknown endpoints, before any direction is judged.
/// </summary>
public readonly record struct DeniedGroup(Direction Direction, string Profile)
{
    public static readonly DeniedGroup Nobody = new(Direction.Unknown, "");
}
