using System.Globalization;
using System.Text;
using Vallum.Load.Measuring;

namespace Vallum.Load.Outages;

internal static class OutageTable
{
    public static string Of(IEnumerable<(Outage Kind, IReadOnlyList<OutageFigures> Runs)> outages)
    {
        var text = new StringBuilder();
        text.AppendLine("| outage | runs | without an acknowledged write, s | last agent in sync, s | oldest change on its way, s | resent though equal |");
        text.AppendLine("|---|---|---|---|---|---|");
        foreach (var (kind, runs) in outages)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {Words(kind)} | {runs.Count} | {Seconds(runs, run => run.WriteGap)} | {Seconds(runs, run => run.InSync)} | {Seconds(runs, run => run.Lag)} | {runs.Sum(run => run.Resent)} |");
        }

        return text.ToString();
    }

    // "median (best–worst)"
    private static string Seconds(IEnumerable<OutageFigures> runs, Func<OutageFigures, TimeSpan> figure)
    {
        var sorted = runs.Select(run => figure(run).TotalSeconds).Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"{Spread.At(sorted, 0.5):0.00} ({sorted[0]:0.00}–{sorted[^1]:0.00})");
    }

    private static string Words(Outage kind) => kind switch
    {
        Outage.Killed => "a silo is killed (kill -9)",
        Outage.Frozen => "a silo freezes (SIGSTOP)",
        Outage.Stopped => "a silo stops (SIGTERM)",
        Outage.Rolling => "all three are restarted, one after the other",
        _ => "redis-server is killed and started again",
    };
}
