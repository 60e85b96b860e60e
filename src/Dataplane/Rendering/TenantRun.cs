using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The allows of the Tenant tier: one run, whatever their order. With few conditions each is a rule of its own, and counts; with more they are merged
/// sets, and only what fits none stays a rule.
/// </summary>
internal sealed class TenantRun
{
    public static readonly TenantRun Empty = new(0, ImmutableSortedSet.Create<PolicyInForce>(PolicyOrder.Instance), null, [], []);

    private readonly int _conditions;

    // The policies that have rules of their own.
    private readonly ImmutableSortedSet<PolicyInForce> _speaking;
    private readonly MergedRun? _merged;

    private TenantRun(
        int conditions, ImmutableSortedSet<PolicyInForce> speaking, MergedRun? merged, ImmutableArray<RuleLine> lines, ImmutableArray<SharedSet> uses)
    {
        (_conditions, _speaking, _merged) = (conditions, speaking, merged);
        (Lines, Uses) = (lines, uses);
    }

    public PersistentDictionary<string, KernelSet> Sets => _merged?.Sets ?? PersistentDictionary<string, KernelSet>.Empty;

    public ImmutableArray<RenderedChain> Chains => _merged?.Rules.Chains ?? [];

    /// <summary>The same array as before where only members changed.</summary>
    public ImmutableArray<RuleLine> Lines { get; }

    public ImmutableArray<SharedSet> Uses { get; }

    public bool Asks(string group) => _merged is { } merged && merged.Asks(group);

    /// <param name="all">The isolating policies of the class after the change: read only where merging begins or ends.</param>
    public TenantRun Next(
        ChainFrame frame, IReadOnlyCollection<PolicyChange> changes, PolicyReading before, PolicyReading after, IReadOnlyCollection<string> groups,
        Func<IEnumerable<PolicyChange>> all)
    {
        var removed = changes.Where(c => c.Was).SelectMany(c => before.Rules(c.Policy, c.Before)).ToArray();
        var added = changes.Where(c => c.Is).SelectMany(c => after.Rules(c.Policy, c.After)).ToArray();
        var conditions = _conditions + Conditions(added) - Conditions(removed);
        var merges = conditions > frame.Options.UnmergedConditions;
        if (merges == (_merged is not null))
        {
            var merged = _merged?.Next(Merged(removed), Merged(added), before.State, after.State, groups);
            if (merges == (merged is not null))
            {
                var speaking = _speaking.Except(Own(removed)).Union(Own(added));
                if (merged is not null && ReferenceEquals(speaking, _speaking) && !changes.Any(c => speaking.Contains(c.Policy)) &&
                    ReferenceEquals(merged.Rules, _merged!.Rules))
                {
                    return merged == _merged && removed.Length + added.Length == 0 ? this : new TenantRun(conditions, speaking, merged, Lines, Uses);
                }

                return merged == _merged && removed.Length + added.Length == 0 ? this
                    : With(conditions, speaking, merged);
            }
        }

        var rules = ReferenceEquals(this, Empty) ? added : all().SelectMany(c => after.Rules(c.Policy, c.After)).ToArray();
        var fresh = merges ? MergedRun.Of(frame.Run("tenant", null, KernelNames.Deny), Merged(rules), after.State) : null;
        return With(conditions, ImmutableSortedSet.CreateRange(PolicyOrder.Instance, Own(rules)), fresh);

        IEnumerable<PolicyInForce> Own(IEnumerable<AskedRule> some) =>
            some.Where(r => !merges || r.Matches.Any(m => !r.Merges(m, frame.Direction))).Select(r => r.Policy);

        AskedMatch[] Merged(IEnumerable<AskedRule> some) => [.. some.SelectMany(r => r.Matches.Where(m => r.Merges(m, frame.Direction)))];

        int Conditions(IEnumerable<AskedRule> some) => some.Sum(r => r.Matches.Where(m => r.Merges(m, frame.Direction)).Sum(m => m.RuleCount));

        TenantRun With(int count, ImmutableSortedSet<PolicyInForce> speaking, MergedRun? merged) =>
            new(count, speaking, merged, Write(speaking, merged, out var uses), uses);

        ImmutableArray<RuleLine> Write(ImmutableSortedSet<PolicyInForce> speaking, MergedRun? merged, out ImmutableArray<SharedSet> uses)
        {
            var used = new List<SharedSet>();
            var own = speaking.SelectMany(p => after.Rules(p, after.State.Rules[p.Rules])).SelectMany(r => frame.Lines(r, merged is not null, null, used));
            ImmutableArray<RuleLine> lines = [.. own, .. merged?.Rules.Rules.Select(r => new RuleLine(r)) ?? []];
            uses = [.. used, .. merged?.Uses ?? []];
            return lines;
        }
    }
}
