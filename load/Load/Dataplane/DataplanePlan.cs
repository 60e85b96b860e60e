namespace Vallum.Load.Dataplane;

/// <summary>How much is measured.</summary>
/// <param name="Policies">Of the table of 2016, without 0.</param>
/// <param name="ManyPolicies">Beyond it, at the smallest response.</param>
/// <param name="ResponseBytes">In ascending order.</param>
/// <param name="Rounds">At most, of each kind.</param>
/// <param name="Limit">For the rounds of one table of one flavour; at least five rounds are run.</param>
internal sealed record DataplanePlan(int[] Policies, int[] ManyPolicies, int[] ResponseBytes, int Rounds, TimeSpan Limit)
{
    public static readonly DataplanePlan Full = new(
        [10, 50, 100, 200], [200, 1_000, 10_000, 100_000], [512, 1_024, 10_240, 102_400, 1_048_576], 1_000, TimeSpan.FromSeconds(10));

    /// <summary>Some two minutes in all.</summary>
    public static readonly DataplanePlan Quick = new([10, 200], [200, 10_000], [512, 1_048_576], 100, TimeSpan.FromSeconds(3));
}
