using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Rendering;

/// <summary>What one list has more often than another. Where an entry was put into a long list or taken out, the rest is only looked past.</summary>
internal sealed record ListDifference(ImmutableArray<PolicyInForce> Removed, ImmutableArray<PolicyInForce> Added)
{
    private static readonly ListDifference None = new([], []);

    public static ListDifference Between(ImmutableArray<PolicyInForce> from, ImmutableArray<PolicyInForce> to)
    {
        if (from == to)
        {
            return None;
        }

        var first = 0;
        while (first < from.Length && first < to.Length && Same(from[first], to[first]))
        {
            first++;
        }

        var last = 0;
        while (last < from.Length - first && last < to.Length - first && Same(from[^(last + 1)], to[^(last + 1)]))
        {
            last++;
        }

        var old = from.AsSpan()[first..^last];
        var now = to.AsSpan()[first..^last];
        if (old.IsEmpty || now.IsEmpty)
        {
            return new ListDifference([.. old], [.. now]);
        }

        var counts = new Dictionary<PolicyInForce, int>();
        foreach (var policy in now)
        {
            counts[policy] = counts.GetValueOrDefault(policy) + 1;
        }

        foreach (var policy in old)
        {
            counts[policy] = counts.GetValueOrDefault(policy) - 1;
        }

        return new ListDifference(
            [.. counts.Where(c => c.Value < 0).SelectMany(c => Enumerable.Repeat(c.Key, -c.Value))],
            [.. counts.Where(c => c.Value > 0).SelectMany(c => Enumerable.Repeat(c.Key, c.Value))]);
    }

    private static bool Same(PolicyInForce one, PolicyInForce other) => ReferenceEquals(one, other) || one == other;
}
