using System.Collections.Immutable;
using Vallum.Silo.Balance;

namespace Vallum.Cluster.Tests;

public sealed class FairShareTests
{
    [Theory]
    [InlineData("30 30 0", 0, "0 0 10")]
    [InlineData("30 30 0", 2, "0 0 0")]
    [InlineData("11 11 8", 0, "0 0 1")]
    [InlineData("12 0 0", 0, "0 4 4")]
    [InlineData("10 10 10", 0, "0 0 0")]
    [InlineData("1 0 0", 0, "0 0 0")]
    [InlineData("0 0", 0, "0 0")]
    [InlineData("5", 0, "0")]
    [InlineData("20 10 0", 0, "0 0 10")]
    public void A_silo_gives_what_it_has_above_the_even_share(string counts, int own, string given) =>
        FairShare.Of(own, Numbers(counts), tolerance: 0.05, step: 1).ShouldBe(Numbers(given));

    [Fact]
    public void A_step_is_a_part_of_what_the_silo_has() => FairShare.Of(0, [1000, 1000, 0], tolerance: 0.05, step: 0.1).ShouldBe([0, 0, 100]);

    [Fact]
    public void All_together_come_to_even_shares_and_then_rest_whatever_they_had()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var counts = Enumerable.Range(0, random.Next(2, 7)).Select(_ => random.Next(0, 200)).ToArray();
            var before = string.Join(' ', counts);
            for (var step = 0; step < 100; step++)
            {
                // All look at the same moment, and each decides for itself.
                var seen = counts.ToImmutableArray();
                for (var own = 0; own < seen.Length; own++)
                {
                    var given = FairShare.Of(own, seen, tolerance: 0.05, step: 0.1);
                    for (var to = 0; to < seen.Length; to++)
                    {
                        (counts[own], counts[to]) = (counts[own] - given[to], counts[to] + given[to]);
                    }
                }
            }

            var even = counts.Average();
            counts.ShouldAllBe(count => Math.Abs(count - even) <= Math.Max(1.0, (even * 0.2) + 1), $"from {before} to {string.Join(' ', counts)}");
            Enumerable.Range(0, counts.Length).ShouldAllBe(own => FairShare.Of(own, counts.ToImmutableArray(), 0.05, 0.1).All(given => given == 0));
        }
    }

    private static ImmutableArray<int> Numbers(string text) => [.. text.Split(' ').Select(int.Parse)];
}
