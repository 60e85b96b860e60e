using Vallum.Load.Comparing;

namespace Vallum.Load.Tests;

public class ComparisonTests
{
    [Fact]
    public void A_run_beside_itself_has_no_difference_and_no_warning()
    {
        var run = Given.Result(1, 1.1, 1.2, 1.3, 1.1);
        var comparison = Comparison.Of(run, run);

        comparison.Warnings.ShouldBeEmpty();
        comparison.Figures.ShouldAllBe(figure => figure.Beyond != true && (figure.Ratio == null || figure.Ratio == 1));
    }

    [Fact]
    public void A_difference_beyond_what_each_run_varies_is_marked()
    {
        var p50 = P50(Comparison.Of(Given.Result(1, 1.1, 1.2, 1.1), Given.Result(2, 2.1, 2.2, 2.1)));

        p50.Beyond.ShouldBe(true);
        p50.Ratio!.Value.ShouldBe(2.1 / 1.1, 1e-6);
    }

    [Fact]
    public void A_difference_within_what_a_run_varies_is_not() =>
        P50(Comparison.Of(Given.Result(1, 5, 1, 5, 3), Given.Result(2, 6, 2, 6, 4))).Beyond.ShouldBe(false);

    [Fact]
    public void Of_too_few_intervals_nothing_is_said() => P50(Comparison.Of(Given.Result(1, 1), Given.Result(9, 9))).Beyond.ShouldBeNull();

    [Fact]
    public void More_throughput_is_better_and_more_latency_is_worse()
    {
        var slow = Given.Result(2, 2, 2, 2);
        var fast = Given.Result(1, 1, 1, 1);
        fast = fast with { All = fast.All with { PerSecond = 200 }, Intervals = [.. fast.Intervals.Select(interval => interval with { Done = 200 })] };

        var lines = Comparison.Of(slow, fast).ToMarkdown("slow", "fast").Split('\n');

        lines.Single(line => line.StartsWith("| done", StringComparison.Ordinal)).ShouldContain("better");
        lines.Single(line => line.StartsWith("| p50", StringComparison.Ordinal)).ShouldContain("better");
        Comparison.Of(fast, slow).ToMarkdown("fast", "slow").ShouldContain("| p50, ms | 1 | 2 | 2.00 | worse |");
    }

    [Fact]
    public void What_makes_runs_hard_to_compare_is_said()
    {
        var run = Given.Result(1, 1, 1, 1);
        var other = run with
        {
            Scenario = "mixed-day",
            Target = "cluster",
            Driver = "another",
            Profile = run.Profile with { Text = "profile other" },
            Hardware = run.Hardware with { Cores = 64 },
            Faults = ["a fault"],
        };

        Comparison.Of(run, other).Warnings.Length.ShouldBe(6);
    }

    private static ComparedFigure P50(Comparison comparison) => comparison.Figures.Single(figure => figure.Name == "p50");
}
