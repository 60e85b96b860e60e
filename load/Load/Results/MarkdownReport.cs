using System.Globalization;
using System.Text;

namespace Vallum.Load.Results;

/// <summary>A result for a terminal, and for docs/performance.md.</summary>
internal static class MarkdownReport
{
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    public static string Of(RunResult result)
    {
        var text = new StringBuilder();
        text.AppendLine(Plain, $"{result.Scenario} on {result.Target}, driver {result.Driver}; {result.Profile.Text}. {result.Machine}.").AppendLine();
        if (!result.Faults.IsEmpty)
        {
            text.AppendLine("**Failed: what is there at the end is not what was acknowledged. The figures are of no use.**").AppendLine();
            foreach (var fault in result.Faults)
            {
                text.AppendLine(Plain, $"- {fault}");
            }

            text.AppendLine();
        }

        text.AppendLine("Milliseconds from the intended start:").AppendLine()
            .AppendLine("| operation | done | errors | done/s | p50 | p90 | p99 | p99.9 | max | p50 from the real start |")
            .AppendLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (var row in result.Kinds.Prepend(result.All))
        {
            text.AppendLine(Plain, $"| {(row.Kind.Length == 0 ? "all" : row.Kind)} | {row.Done:n0} | {row.Errors:n0} | {row.PerSecond:n1} | {Milliseconds(row.Latency.P50)} | {Milliseconds(row.Latency.P90)} | {Milliseconds(row.Latency.P99)} | {Milliseconds(row.Latency.P999)} | {Milliseconds(row.Latency.Max)} | {Milliseconds(row.Service.P50)} |");
        }

        text.AppendLine().AppendLine("| | |").AppendLine("|---|--:|");
        if (result.Silos is { } silos)
        {
            text.AppendLine(Plain, $"| silos' processors: in use, for an operation | {silos.Cores:f2} cores, {silos.MillisecondsPerOperation:f2} ms |");
            text.AppendLine(Plain, $"| silos' memory, most | {silos.PeakMemory:n0} MiB |");
        }

        text.AppendLine(Plain, $"| this program's: its callers and agents | {result.Driving.Cores:f2} cores, {result.Driving.PeakMemory:n0} MiB |");
        foreach (var (code, count) in result.Errors)
        {
            text.AppendLine(Plain, $"| error {code} | {count:n0} |");
        }

        foreach (var figure in result.Figures)
        {
            text.AppendLine(Plain, $"| {figure.Name} | {figure.Value:n2} {figure.Unit} |");
        }

        return text.ToString();
    }

    public static string Milliseconds(double value) => value.ToString(value < 10 ? "f2" : value < 100 ? "f1" : "n0", Plain);
}
