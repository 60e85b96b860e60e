using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Counting;

/// <summary>
/// Policies that decide something on the node without a line of their own: for some endpoint their rules are in sets together with those of others, and
/// nobody knows which of them a packet met.
/// </summary>
public static class MergedPolicies
{
    public static ImmutableHashSet<string> Of(NodeState state, params ReadOnlySpan<CounterMap> maps)
    {
        var counted = maps.ToArray().SelectMany(m => m.Counted).ToHashSet();
        var merged = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var name in state.Bindings.Select(b => b.Profile).Distinct(StringComparer.Ordinal))
        {
            foreach (var policy in state.Profiles.TryGetValue(name, out var profile) ? profile.Policies : [])
            {
                if (HasRules(state, policy) && !counted.Contains((name, policy.Direction, policy.Policy)))
                {
                    merged.Add(policy.Policy);
                }
            }
        }

        return merged.ToImmutable();
    }

    private static bool HasRules(NodeState state, PolicyInForce policy) =>
        state.Rules.TryGetValue(policy.Rules, out var rules) &&
        (policy.Direction == Direction.Ingress ? rules.Ingress : policy.Direction == Direction.Egress ? rules.Egress : []).Length > 0;
}
