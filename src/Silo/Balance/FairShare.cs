using System.Collections.Immutable;

namespace Vallum.Silo.Balance;

/// <summary>How many of its things a silo gives to which others, so that all come to have as many.</summary>
internal static class FairShare
{
    // At most this many in one step, however many there are: each costs somebody a little.
    private const int Most = 500;

    /// <param name="own">This silo's number in <paramref name="counts"/>.</param>
    /// <param name="counts">What each silo has.</param>
    /// <param name="tolerance">Above the even share by this part of it, a silo gives nothing.</param>
    /// <param name="step">The part of its own that it gives in one step; at least one thing.</param>
    /// <returns>In the order of <paramref name="counts"/>, what goes to each. Together never more than what this silo has above the even share.</returns>
    public static ImmutableArray<int> Of(int own, ImmutableArray<int> counts, double tolerance, double step)
    {
        var even = (double)counts.Sum() / counts.Length;
        var excess = counts[own] - (int)Math.Ceiling(even);
        if (excess <= 0 || counts[own] <= even * (1 + tolerance))
        {
            return [.. counts.Select(_ => 0)];
        }

        ImmutableArray<int> lacking = [.. counts.Select(count => Math.Max(0, (int)Math.Floor(even) - count))];
        var rest = Math.Min(Math.Min(excess, lacking.Sum()), Math.Min(Most, Math.Max(1, (int)(counts[own] * step))));
        // Rounded down, so that silos that give at the same time do not give too much together; the first that lacks something gets what that leaves.
        var given = lacking.Select(lack => rest == 0 ? 0 : (int)((long)rest * lack / lacking.Sum())).ToArray();
        for (var left = rest - given.Sum(); left > 0; left--)
        {
            given[Enumerable.Range(0, given.Length).MaxBy(silo => lacking[silo] - given[silo])]++;
        }

        return [.. given];
    }
}
