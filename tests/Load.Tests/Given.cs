using System.Collections.Immutable;
using Vallum.Load.Reports;
using Vallum.Load.Results;
using Vallum.Scenarios;
using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Profiles;

namespace Vallum.Load.Tests;

internal static class Given
{
    public static LoadProfile Profile(double warmUp, params LoadStage[] stages) => new("test", 1, TimeSpan.FromSeconds(warmUp), [.. stages], Sizes.Small, 100);

    public static LoadStage Stage(double rate, double seconds, bool ramp = false) => new(rate, TimeSpan.FromSeconds(seconds), ramp);

    /// <summary>A result whose intervals have these medians.</summary>
    public static RunResult Result(params double[] medians)
    {
        var middle = medians.Order().ElementAt(medians.Length / 2);
        return new RunResult(
            RunResult.CurrentSchema,
            "open-loop",
            "api-write",
            "one",
            new ProfileResult("test", "profile test", 0, medians.Length),
            new DateTimeOffset(2026, 11, 24, 1, 2, 3, TimeSpan.Zero),
            new Hardware(4, "a <processor>", 23, "an operating system", "10.0.0"),
            "2026-11-24, 4 cores",
            [],
            new OperationsResult("", 100L * medians.Length, 3, 100, new LatencyResult(middle, middle, middle, middle, middle), new LatencyResult(middle, middle, middle, middle, middle)),
            [],
            ImmutableSortedDictionary<string, long>.Empty.Add("Unavailable", 3),
            new UsageResult(0.5, 5, 200),
            new UsageResult(0.1, 1, 90),
            [.. medians.Select((median, index) => new IntervalResult(index, 1, 100, 100, 0, median, median, median, median, 0.5, 200))],
            [new PercentileResult(0, 0.5), new PercentileResult(50, middle), new PercentileResult(90, middle)],
            [new Figure("change to the last agent, p99", 12.5, "ms")]);
    }
}
