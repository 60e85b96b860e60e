namespace Vallum.Load.Dataplane;

/// <summary>How much is measured.</summary>
/// <param name="Policies">Of the table of 2016, without 0.</param>
/// <param name="ManyPolicies">Beyond it, at the smallest response; the first is the least.</param>
/// <param name="ResponseBytes">In ascending order.</param>
/// <param name="Members">That are there while changes are measured.</param>
/// <param name="Flows">That are there while those of one source are ended.</param>
/// <param name="Starts">Of the agent, on each kernel.</param>
/// <param name="Rounds">At most, of each table.</param>
/// <param name="Limit">For the rounds of one table of one flavour; some rounds are run however long they take.</param>
internal sealed record DataplanePlan(int[] Policies, int[] ManyPolicies, int[] ResponseBytes, int[] Members, int[] Flows, int Starts, int Rounds, TimeSpan Limit)
{
    public static readonly DataplanePlan Full = new(
        [10, 50, 100, 200],
        [200, 1_000, 10_000, 100_000],
        [512, 1_024, 10_240, 102_400, 1_048_576],
        [10_000, 100_000],
        [10_000, 100_000],
        Starts: 5,
        Rounds: 1_000,
        TimeSpan.FromSeconds(10));

    /// <summary>Some two minutes in all.</summary>
    public static readonly DataplanePlan Quick = new([10, 200], [200, 10_000], [512, 1_048_576], [10_000], [10_000], Starts: 1, Rounds: 100, TimeSpan.FromSeconds(2));
}
