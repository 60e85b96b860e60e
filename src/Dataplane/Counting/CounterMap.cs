using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Counting;

/// <summary>What each line of our chains of one family counts. A line may count for a rule and for a group at once: a Deny of a policy.</summary>
/// <param name="Groups">The endpoints of each group that a line denies to.</param>
/// <param name="Counted">Which policies have lines of their own for which profiles.</param>
public sealed record CounterMap(
    ImmutableDictionary<string, CountedChain> Chains,
    ImmutableDictionary<DeniedGroup, ImmutableArray<Binding>> Groups,
    ImmutableHashSet<(string Profile, Direction Direction, string Policy)> Counted)
{
    public static readonly CounterMap Empty = new(
        ImmutableDictionary<string, CountedChain>.Empty,
        ImmutableDictionary<DeniedGroup, ImmutableArray<Binding>>.Empty,
        []);

    // Not ours to count: packets that belong to nobody's flow are dropped for the whole node.
    private const string Invalid = "--ctstate INVALID";

    /// <param name="origins">By chain, for each rule whose it is; null: nobody's. A chain that is missing has no policy's rules.</param>
    public static CounterMap Of(RuleTable table, IpFamily family, NodeState state, ImmutableDictionary<string, ImmutableArray<CountedRule?>> origins)
    {
        var groups = EndpointGroups.Of(table, family, state);
        var chains = ImmutableDictionary.CreateBuilder<string, CountedChain>(StringComparer.Ordinal);
        var own = ImmutableHashSet.CreateBuilder<(string, Direction, string)>();
        foreach (var (name, rules) in table.Chains)
        {
            var owners = origins.GetValueOrDefault(name, []);
            var lines = ImmutableArray.CreateBuilder<CountedLine>(rules.Length);
            for (var i = 0; i < rules.Length; i++)
            {
                var rule = rules[i];
                var counted = i < owners.Length && !IsLog(rule) ? owners[i] : null;
                lines.Add(new CountedLine(counted, Denies(name, rule) ? groups.Of(name, rule) : null, IsTotal(name, rule)));
            }

            chains[name] = new CountedChain(rules, lines.MoveToImmutable());
            var policies = chains[name].Lines.Select(l => l.Rule?.Policy).OfType<string>().Distinct().ToList();
            own.UnionWith(policies.Count == 0 ? [] : groups.ProfilesOf(name).SelectMany(p => policies.Select(policy => (p.Profile, p.Direction, policy))));
        }

        return new CounterMap(chains.ToImmutable(), groups.Bindings, own.ToImmutable());
    }

    private static bool IsLog(string rule) => rule.Contains("-j NFLOG", StringComparison.Ordinal);

    private static bool Denies(string chain, string rule) =>
        chain != KernelNames.Deny && !rule.Contains(Invalid, StringComparison.Ordinal) && EndpointGroups.Target(rule) is KernelNames.Deny or "DROP";

    /// <summary>Every denied packet ends here, whoever sent it there.</summary>
    private static bool IsTotal(string chain, string rule) =>
        EndpointGroups.Target(rule) == "DROP" && !rule.Contains(Invalid, StringComparison.Ordinal);
}

/// <param name="Rules">The chain's text: as long as it is the same, its counters go on.</param>
public sealed record CountedChain(ImmutableArray<string> Rules, ImmutableArray<CountedLine> Lines);

/// <param name="Rule">Null: no policy's.</param>
/// <param name="Denied">Null: the line denies nothing.</param>
/// <param name="Total">The line is where packets are dropped: all such lines together are what the node denied.</param>
public readonly record struct CountedLine(CountedRule? Rule, DeniedGroup? Denied, bool Total);
