using System.Globalization;
using System.Text;
using Vallum.Load.Dataplane.Connections;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>What changes cost, as Markdown.</summary>
internal static class UpdateTables
{
    /// <summary>Of ours; the words of the target.</summary>
    private static readonly Dictionary<string, string> Targets = new()
    {
        ["one member"] = "p50 ≤ 0.5, p99 ≤ 3",
        ["one rule"] = "p50 ≤ 6, p99 ≤ 20 (quiet)",
        ["10,000 members loaded into a new set"] = "≤ 30",
        ["100,000 members loaded into a new set"] = "≤ 250",
        ["check: rules, every member"] = "≤ 150",
    };

    public static string Of(IReadOnlyCollection<UpdateFigures> flavours)
    {
        var text = new StringBuilder("### Changes\n\n");
        text.Append("Milliseconds: ours from the update's arrival to its ack, tools from the start of the process to its end. A node with 250 endpoints and some 1,200 rules; *beside*: while another program writes a nat table of 20,000 rules without a pause.\n\n");
        foreach (var figures in flavours)
        {
            text.Append(CultureInfo.InvariantCulture, $"{ConnectionTables.Name(figures.Flavour)}:\n\n| change | by | members there | beside | times | p50 | p90 | p99 | max | target |\n|---|---|--:|---|--:|--:|--:|--:|--:|---|\n");
            foreach (var row in figures.Rows.GroupBy(row => row.Change).SelectMany(kind => kind.OrderBy(row => row.Way != NodeMeasurement.Ours).ThenBy(row => row.Members)))
            {
                var target = row.Way == NodeMeasurement.Ours ? Targets.GetValueOrDefault(row.Change, "") : "";
                text.Append(CultureInfo.InvariantCulture, $"| {row.Change} | {row.Way} | {(row.Members == 0 ? "" : row.Members.ToString("n0", CultureInfo.InvariantCulture))} | {(row.BesideRewriter ? "rewriter" : "")} | {row.Count} | {row.P50:f2} | {row.P90:f2} | {row.P99:f2} | {row.Max:f2} | {target} |\n");
            }

            text.Append('\n');
        }

        Starts(text, flavours);
        return text.ToString();
    }

    private static void Starts(StringBuilder text, IReadOnlyCollection<UpdateFigures> flavours)
    {
        text.Append("### Start of the agent\n\nWithout a control plane, on what its state directory holds: milliseconds from the start of the process until it enforces (quartiles), and what it takes 3 s later.\n\n");
        text.Append("| flavour | members | kernel holds it | kernel holds nothing | target | resident, MB | target | program, MB | target |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (var figures in flavours)
        {
            foreach (var start in figures.Starts)
            {
                var few = start.Members <= 10_000;
                text.Append(CultureInfo.InvariantCulture, $"| {ConnectionTables.Name(figures.Flavour)} | {start.Members:n0} | {start.Present.ToString("f0")} | {start.Absent.ToString("f0")} | {(few ? "≤ 300" : "")} | {start.ResidentKilobytes / 1024.0:f1} | {(few ? "≤ 30" : "")} | {(start.IsNative ? $"{start.ProgramBytes / 1048576.0:f1}" : "not native")} | ≤ 16 |\n");
            }
        }

        text.Append('\n');
    }
}
