using System.Diagnostics;

namespace Vallum.Load.Measuring;

/// <summary>
/// Variants that are there at once, each visited once in every round, in random order: what disturbs a round disturbs all of them, and two of them are
/// compared within their rounds.
/// </summary>
internal sealed class PairedRounds
{
    private const int LeastRounds = 5;

    private readonly List<double>[] _blocks;

    private PairedRounds(int variants) => _blocks = [.. Enumerable.Range(0, variants).Select(_ => new List<double>())];

    public int Rounds => _blocks[0].Count;

    /// <param name="rounds">At most; fewer when <paramref name="limit"/> is over, but five.</param>
    /// <param name="block">Measures one block of operations of a variant and gives its median.</param>
    public static PairedRounds Run(int variants, int rounds, TimeSpan limit, Func<int, double> block)
    {
        var result = new PairedRounds(variants);
        var order = Enumerable.Range(0, variants).ToArray();
        var random = new Random(1);

        // Once for nothing: caches, neighbours, the compiler of this program.
        foreach (var variant in order)
        {
            block(variant);
        }

        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < rounds && (round < LeastRounds || Stopwatch.GetElapsedTime(start) < limit); round++)
        {
            random.Shuffle(order);
            foreach (var variant in order)
            {
                result._blocks[variant].Add(block(variant));
            }
        }

        return result;
    }

    /// <summary>The median of the variant's blocks.</summary>
    public double Median(int variant) => Spread.Median(_blocks[variant]);

    /// <summary>Of the rounds: the variant's block by the baseline's.</summary>
    public Spread Ratio(int variant, int baseline) => Spread.Of(_blocks[variant].Zip(_blocks[baseline], (one, other) => one / other));

    /// <summary>Of the rounds: the variant's block less the baseline's.</summary>
    public Spread Difference(int variant, int baseline) => Spread.Of(_blocks[variant].Zip(_blocks[baseline], (one, other) => one - other));
}
