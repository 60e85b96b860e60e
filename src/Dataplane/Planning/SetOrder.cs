using Vallum.Dataplane.Reading;

namespace Vallum.Dataplane.Planning;

/// <summary>
/// The order in which sets are asked along the chains. When an address comes into several sets in this order, and leaves them in reverse, its verdict
/// changes in one step: in a list where the first match decides, the first to come that counts is the one that decides afterwards, and the last to go
/// uncovers it.
/// </summary>
internal sealed class SetOrder(IEnumerable<TableReading> tables)
{
    private readonly TableReading[] _tables = [.. tables];

    /// <summary>
    /// The positions 0…n-1 sorted so that of each pair the earlier asked comes first; null when there is no such order, or when the chains are no
    /// list for these sets: one passes to another tier, is asked for by its absence, or stands in one rule with the other.
    /// </summary>
    public int[]? Sort(IReadOnlyList<string> sets, IEnumerable<(int First, int Second)> pairs)
    {
        var behind = new List<int>[sets.Count];
        for (var i = 0; i < sets.Count; i++)
        {
            behind[i] = [];
        }

        foreach (var (first, second) in pairs)
        {
            switch (_tables.Select(t => Compare(t, sets[first], sets[second])).Aggregate(Place.Same, (a, b) => a | b))
            {
                case Place.Same:
                    break;
                case Place.Before:
                    behind[first].Add(second);
                    break;
                case Place.Behind:
                    behind[second].Add(first);
                    break;
                default:
                    return null;
            }
        }

        return Sorted(behind);
    }

    private static Place Compare(TableReading table, string first, string second)
    {
        var (ones, others) = (Counting(table, first), Counting(table, second));
        if (ones.Concat(others).Any(u => u.Effect == RuleEffect.Other || u.Match.Negated))
        {
            return Place.Both;
        }

        if (ones.Concat(others).Select(u => u.Effect).Distinct().Count() <= 1)
        {
            return ones.Any(u => u.Rule.Sets.Any(s => s.Set == second)) ? Place.Both : Place.Same;
        }

        var chains = others.ToLookup(u => u.Chain);
        var place = Place.Same;
        foreach (var chain in ones.GroupBy(u => u.Chain))
        {
            foreach (var target in table.Reached(chain.Key).Where(t => t != chain.Key && chains.Contains(t)))
            {
                place |= Place.Before;
            }

            foreach (var other in chains.Where(o => o.Key != chain.Key && table.Leads(o.Key, chain.Key)))
            {
                place |= Place.Behind;
            }

            if (chains.Contains(chain.Key))
            {
                place |= Within([.. chain], [.. chains[chain.Key]]);
            }
        }

        return place;
    }

    private static Place Within(SetUse[] ones, SetUse[] others)
    {
        if (ones.Max(u => u.At) < others.Min(u => u.At))
        {
            return Place.Before;
        }

        return others.Max(u => u.At) < ones.Min(u => u.At) ? Place.Behind : Place.Both;
    }

    private static SetUse[] Counting(TableReading table, string set) => [.. table.Uses(set).Where(u => u.Effect != RuleEffect.None)];

    /// <summary>Null when they form a ring.</summary>
    private static int[]? Sorted(List<int>[] behind)
    {
        var waiting = new int[behind.Length];
        foreach (var next in behind.SelectMany(b => b))
        {
            waiting[next]++;
        }

        var sorted = new List<int>(Enumerable.Range(0, behind.Length).Where(i => waiting[i] == 0));
        for (var at = 0; at < sorted.Count; at++)
        {
            sorted.AddRange(behind[sorted[at]].Where(next => --waiting[next] == 0));
        }

        return sorted.Count == behind.Length ? [.. sorted] : null;
    }

    [Flags]
    private enum Place
    {
        Same = 0,
        Before = 1,
        Behind = 2,
        Both = 3,
    }
}
