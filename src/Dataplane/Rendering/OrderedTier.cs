using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The Admin or the Baseline tier, and staged policies of the Tenant tier: rules in order. Neighbours with one outcome are a run, inside which order
/// does not matter; a run of many conditions becomes merged sets.
/// </summary>
internal sealed class OrderedTier
{
    public static readonly OrderedTier Empty = new(
        ImmutableSortedDictionary.Create<PolicyInForce, ImmutableArray<AskedRule>>(PolicyOrder.Instance), ImmutableDictionary<string, Run>.Empty)
    {
        Lines = [],
        Uses = [],
        Sets = PersistentDictionary<string, KernelSet>.Empty,
        Chains = [],
    };

    private readonly ImmutableSortedDictionary<PolicyInForce, ImmutableArray<AskedRule>> _rules;

    // Merged ones by name.
    private readonly ImmutableDictionary<string, Run> _runs;

    private OrderedTier(ImmutableSortedDictionary<PolicyInForce, ImmutableArray<AskedRule>> rules, ImmutableDictionary<string, Run> runs) =>
        (_rules, _runs) = (rules, runs);

    public required ImmutableArray<RuleLine> Lines { get; init; }

    public required ImmutableArray<SharedSet> Uses { get; init; }

    public required PersistentDictionary<string, KernelSet> Sets { get; init; }

    public required ImmutableArray<RenderedChain> Chains { get; init; }

    public bool Passes => _rules.Values.Any(rules => rules.Any(r => r.Outcome == Outcome.Pass));

    public bool Asks(string group) => _runs.Values.Any(r => r.Merged.Asks(group));

    /// <param name="pass">Where a Pass leads; null: out, allowed.</param>
    public OrderedTier Next(
        ChainFrame frame, IReadOnlyCollection<PolicyChange> changes, PolicyReading before, PolicyReading after, IReadOnlyCollection<string> groups,
        string? pass)
    {
        if (changes.Count == 0 && !groups.Any(Asks))
        {
            return this;
        }

        var next = _rules.ToBuilder();
        foreach (var change in changes)
        {
            next.Remove(change.Policy);
            if (change.Is && after.Rules(change.Policy, change.After) is { Count: > 0 } asked)
            {
                next[change.Policy] = [.. asked];
            }
        }

        var rules = next.ToImmutable();
        var runs = ImmutableDictionary.CreateBuilder<string, Run>();
        var lines = new List<RuleLine>();
        var uses = new List<SharedSet>();
        var isFirst = true;
        foreach (var run in Split(rules.Values.SelectMany(r => r)))
        {
            var decide = run[0].Outcome switch { Outcome.Allow => null, Outcome.Deny => KernelNames.Deny, _ => pass };
            var matches = run.SelectMany(r => r.Matches.Where(m => r.Merges(m, frame.Direction)).Select(m => (Rule: r, Match: m))).ToArray();
            var merges = run[0].Outcome != Outcome.Count && matches.Sum(m => m.Match.RuleCount) > frame.Options.UnmergedConditions;
            lines.AddRange(run.SelectMany(r => frame.Lines(r, merges, decide, uses)));
            if (merges)
            {
                var name = Name(run, isFirst);
                var merged = Merge(frame.Run(name, decide, run[0].Outcome == Outcome.Deny ? "" : null), run, _runs.GetValueOrDefault(name));
                runs[name] = merged;
                uses.AddRange(merged.Merged.Uses);
                lines.AddRange(merged.Merged.Rules.Rules.Select(r => new RuleLine(r)));
            }

            isFirst &= run[0].Outcome == Outcome.Count;
        }

        var sets = PersistentDictionary.Of(runs.Values.SelectMany(r => r.Merged.Sets));
        ImmutableArray<RenderedChain> chains = [.. runs.Values.SelectMany(r => r.Merged.Rules.Chains)];
        return new OrderedTier(rules, runs.ToImmutable())
        {
            Lines = Lines.SequenceEqual(lines) ? Lines : [.. lines],
            Uses = [.. uses],
            Sets = sets,
            Chains = Chains.SequenceEqual(chains) ? Chains : chains,
        };

        Run Merge(RunFrame runFrame, ImmutableArray<AskedRule> run, Run? known)
        {
            if (known is not null && known.Frame == runFrame)
            {
                var was = known.Rules.ToHashSet(ReferenceEqualityComparer.Instance);
                var now = run.ToHashSet(ReferenceEqualityComparer.Instance);
                var merged = known.Merged.Next(
                    Matches(known.Rules.Where(r => !now.Contains(r))), Matches(run.Where(r => !was.Contains(r))), before.State, after.State, groups);
                if (merged is not null)
                {
                    return new Run(runFrame, run, merged);
                }
            }

            return new Run(runFrame, run, MergedRun.Of(runFrame, Matches(run), after.State));
        }

        AskedMatch[] Matches(IEnumerable<AskedRule> some) => [.. some.SelectMany(r => r.Matches.Where(m => r.Merges(m, frame.Direction)))];
    }

    /// <summary>A closed rule denies as any other does; a staged one stands alone, so that it counts what reaches its place.</summary>
    private static IEnumerable<ImmutableArray<AskedRule>> Split(IEnumerable<AskedRule> rules)
    {
        var run = ImmutableArray.CreateBuilder<AskedRule>();
        foreach (var rule in rules)
        {
            if (run.Count > 0 && (run[0].Outcome != rule.Outcome || rule.Outcome == Outcome.Count))
            {
                yield return run.ToImmutable();
                run.Clear();
            }

            run.Add(rule);
        }

        if (run.Count > 0)
        {
            yield return run.ToImmutable();
        }
    }

    /// <summary>
    /// The first run of a tier keeps its name whatever it is made of: nothing of another outcome stands before it, so what it takes in early or lets go
    /// late changes no verdict that holds before and after. A later one is named by what it is made of: a rule that moved past another must not act
    /// there before the rules say so, and its sets are made anew beside the old ones.
    /// </summary>
    private static string Name(ImmutableArray<AskedRule> run, bool isFirst)
    {
        var tier = run[0].Policy.Tier;
        return isFirst ? $"{tier} {run[0].Outcome}" : string.Join('\n', [
            $"{tier} {run[0].Outcome}",
            .. run.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Policy.Priority} {r.Policy.Policy} {r.Policy.Rules} {r.Index}"))]);
    }

    private sealed record Run(RunFrame Frame, ImmutableArray<AskedRule> Rules, MergedRun Merged);
}
