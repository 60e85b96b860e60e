using System.Collections.Immutable;
using Vallum.Dataplane.Reading;
using Vallum.Primitives;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// The members of sets that are named before and after a change, changed where they are: some before the COMMIT, the rest after it, in an order in
/// which no packet ever meets a verdict that neither end gives it. Within each part, patches that only close come first and those that only open last;
/// between them, members enter the sets in the order of the chains and leave them in reverse. What cannot be ordered so is left to the
/// <see cref="Detour"/>: the conditions here are sufficient, not necessary.
/// </summary>
internal sealed class InPlace
{
    private readonly ImmutableArray<SetChange> _sets;
    private readonly TableReading _before;
    private readonly TableReading _after;
    private readonly PatchWork _work;
    private readonly bool[] _late;
    private int[] _order = [];

    private InPlace(ImmutableArray<SetChange> sets, TableReading before, TableReading after)
    {
        _sets = sets;
        _before = before;
        _after = after;
        _work = new PatchWork(sets, [.. sets.Select(s => PatchWork.WhenKnown(Uses(s.Name)))], LocalsIn);
        _late = new bool[_work.Patches.Length];
    }

    /// <summary>Null when there is no such order that this finds.</summary>
    /// <param name="newcomers">Local addresses that were nobody's before: nothing was promised to them.</param>
    /// <param name="leavers">Local addresses that are nobody's afterwards.</param>
    public static InPlace? Of(
        ImmutableArray<SetChange> sets, TableReading before, TableReading after, Predicate<Address> newcomers, Predicate<Address> leavers)
    {
        var plan = new InPlace(sets, before, after);
        return plan.Choose(newcomers, leavers) && plan.IsOrdered() && plan.IsOneStepPerPair() ? plan : null;
    }

    public void WriteEarly(OperationList operations) => Write(operations, false);

    public void WriteLate(OperationList operations) => Write(operations, true);

    private void Write(OperationList operations, bool late)
    {
        void Some(int set, Range steps, Func<Turn, bool> which) => operations.Add(
            _sets[set].Name, _work.Steps(set, steps, patch => which(patch.Turn) && _late[patch.Number] == late));

        for (var i = 0; i < _sets.Length; i++)
        {
            Some(i, .., t => t is Turn.Closes or Turn.None);
        }

        foreach (var i in _order)
        {
            Some(i, .._sets[i].Grow.Length, t => t == Turn.Either);
        }

        foreach (var i in _order.Reverse())
        {
            Some(i, _sets[i].Grow.Length.., t => t == Turn.Either);
        }

        for (var i = 0; i < _sets.Length; i++)
        {
            Some(i, .., t => t == Turn.Opens);
        }
    }

    /// <summary>Before the COMMIT or after it, for each patch; false when one would have to be both.</summary>
    private bool Choose(Predicate<Address> newcomers, Predicate<Address> leavers)
    {
        if (ReferenceEquals(_before, _after))
        {
            return true;
        }

        var judged = new JudgedChanges(_before, _after, _sets.Select(s => s.Name));
        if (judged.SharedDiffers)
        {
            return false;
        }

        foreach (var patch in _work.Patches)
        {
            // A newcomer may be closed for longer and a leaver be closed sooner: nothing was promised to them. Neither may be open where both ends close.
            var early = (judged.Loosens && patch.Turn != Turn.Opens) || NamesOf(patch, judged.NamedAfter, a => patch.Turn == Turn.Opens && newcomers(a));
            var late = (judged.Tightens && patch.Turn != Turn.Closes) || NamesOf(patch, judged.NamedBefore, a => patch.Turn == Turn.Closes && leavers(a));
            if (judged.In(patch.Block).Any())
            {
                // What the COMMIT does to the flows of these addresses, it does to the direction that the patch does not touch.
                late |= patch.Turn != Turn.Closes;
                early |= patch.Turn is Turn.Closes or Turn.Either;
            }

            if (early && late)
            {
                return false;
            }

            _late[patch.Number] = late;
        }

        return true;
    }

    /// <summary>True when a changed address, other than the patch itself, is judged by one of the patch's sets.</summary>
    private bool NamesOf(Patch patch, Func<string, HashSet<Address>> naming, Predicate<Address> except)
    {
        foreach (var set in patch.Sets)
        {
            foreach (var address in naming(_sets[set].Name))
            {
                if (!(patch.IsHost && patch.Block.Base == address) && !except(address))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool IsOrdered()
    {
        var pairs = new HashSet<(int, int)>();
        foreach (var patch in _work.Patches.Where(p => p.Turn == Turn.Either && p.Sets.Length > 1))
        {
            for (var i = 0; i < patch.Sets.Length; i++)
            {
                for (var j = i + 1; j < patch.Sets.Length; j++)
                {
                    pairs.Add((patch.Sets[i], patch.Sets[j]));
                }
            }
        }

        var order = new SetOrder(Tables).Sort([.. _sets.Select(s => s.Name)], pairs);
        _order = order ?? [];
        return order is not null;
    }

    /// <summary>
    /// A flow has two addresses, and may meet two patches: one asked for by its destination in egress, one by its source in ingress, where both ends
    /// are this node's. Both directions must allow, so what closes must come before what opens; patches that do both cannot be two.
    /// </summary>
    private bool IsOneStepPerPair()
    {
        var sides = _sets.SelectMany(s => Uses(s.Name)).Where(u => u.Effect != RuleEffect.None).Select(u => u.Match.OfSource).Distinct().Count();
        if (sides < 2)
        {
            return true;
        }

        var patches = _work.Patches.Where(p => p.Turn != Turn.None).ToArray();
        if (AsksBothEndsAtOnce())
        {
            // Where one list of rules asks for both ends, two patches can meet in it, and only a change that goes one way is safe.
            return patches.Length <= 1 ||
                (patches.All(p => p.Turn == patches[0].Turn && _late[p.Number] == _late[patches[0].Number]) && patches[0].Turn != Turn.Either);
        }

        var local = patches.Where(p => p.Locals > 0).ToArray();
        var opensEarly = local.Any(p => !_late[p.Number] && p.Turn != Turn.Closes);
        var closesLate = local.Any(p => _late[p.Number] && p.Turn != Turn.Opens);
        return local.Where(p => p.Turn == Turn.Either).Sum(p => p.Locals) <= 1 && !(opensEarly && closesLate);
    }

    /// <summary>True when one direction of a flow is judged by sets of both its ends, or a rule for all packets asks for one.</summary>
    private bool AsksBothEndsAtOnce()
    {
        foreach (var table in Tables)
        {
            var sides = new Dictionary<string, (bool Source, bool Destination)>(StringComparer.Ordinal);
            foreach (var use in _sets.SelectMany(s => table.Uses(s.Name)).Where(u => u.Effect != RuleEffect.None))
            {
                var (source, destination) = sides.GetValueOrDefault(use.Chain);
                sides[use.Chain] = (source || use.Match.OfSource, destination || !use.Match.OfSource);
            }

            var whole = sides.Keys.Select(chain => table.Reached(chain).Where(sides.ContainsKey).Select(c => sides[c]).ToArray());
            if (whole.Any(w => w.Any(s => s.Source) && w.Any(s => s.Destination)) || _sets.Any(s => table.Dispatch.SharedSets.Contains(s.Name)))
            {
                return true;
            }
        }

        return false;
    }

    private IEnumerable<TableReading> Tables => ReferenceEquals(_before, _after) ? [_before] : [_before, _after];

    private IEnumerable<SetUse> Uses(string set) => Tables.SelectMany(t => t.Uses(set));

    private int LocalsIn(Cidr block) => Tables.Max(t => Count(t.Dispatch.Addresses, block));

    private static int Count(ImmutableArray<Address> sorted, Cidr block)
    {
        var from = sorted.BinarySearch(block.Base);
        var to = sorted.BinarySearch(block.Last);
        return (to < 0 ? ~to : to + 1) - (from < 0 ? ~from : from);
    }
}
