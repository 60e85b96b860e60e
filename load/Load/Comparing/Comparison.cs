using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vallum.Load.Measuring;
using Vallum.Load.Results;

namespace Vallum.Load.Comparing;

/// <param name="Ratio">The second by the first; null where one is nothing.</param>
/// <param name="Beyond">Null: it cannot be told from two runs. Else whether the difference is more than the runs' own unrest.</param>
internal sealed record ComparedFigure(string Name, string Unit, double First, double Second, double? Ratio, bool? Beyond, bool LessIsBetter);

/// <summary>
/// Two runs side by side. A difference is beyond the noise when the middle halves of the two runs' intervals do not meet, and it is at least
/// <see cref="Least"/>: what moved within a run as much as between the runs is not told apart.
/// </summary>
internal sealed record Comparison(ImmutableArray<string> Warnings, ImmutableArray<ComparedFigure> Figures)
{
    private const double Least = 0.05;
    private const int FewestIntervals = 4;

    public static Comparison Of(RunResult first, RunResult second)
    {
        var figures = ImmutableArray.CreateBuilder<ComparedFigure>();
        figures.Add(Figure("done", "1/s", first.All.PerSecond, second.All.PerSecond, Noise(first, second, i => i.Done), lessIsBetter: false));
        figures.Add(Figure("p50", "ms", first.All.Latency.P50, second.All.Latency.P50, Noise(first, second, i => i.P50)));
        figures.Add(Figure("p90", "ms", first.All.Latency.P90, second.All.Latency.P90, Noise(first, second, i => i.P90)));
        figures.Add(Figure("p99", "ms", first.All.Latency.P99, second.All.Latency.P99, Noise(first, second, i => i.P99)));
        figures.Add(Figure("p99.9", "ms", first.All.Latency.P999, second.All.Latency.P999, null));
        figures.Add(Figure("max", "ms", first.All.Latency.Max, second.All.Latency.Max, null));
        figures.Add(Figure("errors", "", first.All.Errors, second.All.Errors, null));
        if (first.Silos is { } one && second.Silos is { } other)
        {
            figures.Add(Figure("silos' processor time for an operation", "ms", one.MillisecondsPerOperation, other.MillisecondsPerOperation, Noise(first, second, i => i.Done == 0 ? null : i.SiloCores / i.Done)));
            figures.Add(Figure("silos' memory, most", "MiB", one.PeakMemory, other.PeakMemory, Noise(first, second, i => i.SiloMemory)));
        }

        foreach (var kind in first.Kinds)
        {
            if (second.Kinds.FirstOrDefault(found => found.Kind == kind.Kind) is { } same)
            {
                figures.Add(Figure($"{kind.Kind}: p50", "ms", kind.Latency.P50, same.Latency.P50, null));
                figures.Add(Figure($"{kind.Kind}: p99", "ms", kind.Latency.P99, same.Latency.P99, null));
            }
        }

        foreach (var figure in first.Figures)
        {
            if (second.Figures.FirstOrDefault(found => found.Name == figure.Name) is { } same)
            {
                figures.Add(Figure(figure.Name, figure.Unit, figure.Value, same.Value, null, figure.LessIsBetter));
            }
        }

        return new Comparison([.. WarningsOf(first, second)], figures.DrainToImmutable());
    }

    public string ToMarkdown(string first, string second)
    {
        var text = new StringBuilder();
        foreach (var warning in Warnings)
        {
            text.AppendLine($"**{warning}**").AppendLine();
        }

        text.AppendLine($"| | {first} | {second} | ratio | |").AppendLine("|---|--:|--:|--:|---|");
        foreach (var figure in Figures)
        {
            var unit = figure.Unit.Length == 0 ? "" : $", {figure.Unit}";
            text.AppendLine(CultureInfo.InvariantCulture, $"| {figure.Name}{unit} | {figure.First:0.###} | {figure.Second:0.###} | {(figure.Ratio is { } ratio ? ratio.ToString("f2", CultureInfo.InvariantCulture) : "")} | {Word(figure)} |");
        }

        return text.AppendLine().AppendLine("Better or worse: the middle halves of the two runs' intervals do not meet. No word: within the noise. A question mark: two runs cannot tell.").ToString();
    }

    private static string Word(ComparedFigure figure) => figure switch
    {
        { Beyond: null } => figure.First == figure.Second ? "" : "?",
        { Beyond: false } => "",
        _ => figure.Second < figure.First == figure.LessIsBetter ? "better" : "worse",
    };

    private static ComparedFigure Figure(string name, string unit, double first, double second, bool? apart, bool lessIsBetter = true)
    {
        double? ratio = first == 0 ? null : second / first;
        return new ComparedFigure(name, unit, first, second, ratio, apart is { } told ? told && ratio is { } by && Math.Abs(by - 1) >= Least : null, lessIsBetter);
    }

    /// <summary>Whether the middle halves do not meet; null: too few intervals to say.</summary>
    private static bool? Noise(RunResult first, RunResult second, Func<IntervalResult, double?> value)
    {
        var one = first.Intervals.Select(value).OfType<double>().ToList();
        var other = second.Intervals.Select(value).OfType<double>().ToList();
        if (one.Count < FewestIntervals || other.Count < FewestIntervals)
        {
            return null;
        }

        var (a, b) = (Spread.Of(one), Spread.Of(other));
        return a.High < b.Low || b.High < a.Low;
    }

    private static IEnumerable<string> WarningsOf(RunResult first, RunResult second)
    {
        if (first.Scenario != second.Scenario)
        {
            yield return $"Different scenarios: {first.Scenario} and {second.Scenario}.";
        }

        if (first.Profile.Text != second.Profile.Text)
        {
            yield return $"Different profiles: {first.Profile.Text} — and {second.Profile.Text}.";
        }

        if (first.Target != second.Target)
        {
            yield return $"Different targets: {first.Target} and {second.Target}.";
        }

        if (first.Hardware != second.Hardware)
        {
            yield return $"Different machines: {first.Hardware} — and {second.Hardware}.";
        }

        if (first.Driver != second.Driver)
        {
            yield return $"Different drivers: {first.Driver} and {second.Driver}. Only the open loop counts from the intended start.";
        }

        foreach (var (place, run) in (IEnumerable<(string, RunResult)>)[("first", first), ("second", second)])
        {
            if (!run.Faults.IsEmpty)
            {
                yield return $"The {place} run failed at its end: its figures are of no use.";
            }
        }
    }
}
