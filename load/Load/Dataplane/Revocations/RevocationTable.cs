using System.Globalization;
using System.Text;
using Vallum.Load.Dataplane.Updates;

namespace Vallum.Load.Dataplane.Revocations;

/// <summary>What it takes to end flows, as Markdown.</summary>
internal static class RevocationTable
{
    private const int Many = 100_000;

    public static string Of(IEnumerable<ChangeRow> rows)
    {
        var text = new StringBuilder("### Revocation\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{RevocationScenario.FlowsEach} flows of one source are ended among those of others, in milliseconds: ours from the knowledge of both states to the last kernel answer, conntrack from the start of its process to its end.\n\n");
        text.Append("| by | flows there | times | p50 | p90 | max | target |\n|---|--:|--:|--:|--:|--:|--:|\n");
        foreach (var row in rows.OrderBy(row => row.Way != NodeMeasurement.Ours).ThenBy(row => row.Members))
        {
            var target = row.Way == NodeMeasurement.Ours && row.Members >= Many ? "≤ 60" : "";
            text.Append(CultureInfo.InvariantCulture, $"| {row.Way} | {row.Members:n0} | {row.Count} | {row.P50:f1} | {row.P90:f1} | {row.Max:f1} | {target} |\n");
        }

        return text.Append('\n').ToString();
    }
}
