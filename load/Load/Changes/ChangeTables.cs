using System.Globalization;
using System.Text;
using Vallum.Load.Worlds;

namespace Vallum.Load.Changes;

/// <summary>The cells as Markdown: per place one table of durations and one of costs, with the sizes of one kind of change below each other.</summary>
internal static class ChangeTables
{
    public static string Of(IReadOnlyCollection<Cell> cells)
    {
        var text = new StringBuilder();
        foreach (var place in cells.GroupBy(cell => (cell.Nodes, cell.Shape)))
        {
            var (nodes, shape) = place.Key;
            text.Append(CultureInfo.InvariantCulture, $"### {(nodes == 1 ? "1 node" : $"{nodes} nodes")} in the span; {shape.Sentence()}\n\n");
            Durations(text, [.. place]);
            Costs(text, [.. place]);
        }

        return text.ToString();
    }

    private static void Durations(StringBuilder text, IReadOnlyCollection<Cell> cells)
    {
        text.Append("Milliseconds from the start of the API call: *durable* until its answer, *realized* until the last node's ack is seen by the control plane.\n\n");
        text.Append("| change | policies | changes | durable p50 | p99 | max | realized p50 | p99 | max |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        var rows = cells.SelectMany(cell => cell.Latencies.Select(step => (cell.Policies, Step: step))).GroupBy(row => row.Step.Change.Name);
        foreach (var (policies, step) in rows.SelectMany(kind => kind.OrderBy(row => row.Policies)))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {step.Change.Name} | {policies:n0} | {step.Api.Count} | {step.Api.Columns("f1")} | {step.Realized.Columns("f1")} |\n");
        }

        text.Append('\n');
    }

    private static void Costs(StringBuilder text, IReadOnlyCollection<Cell> cells)
    {
        text.Append("Cost of one change, on average; *per node* is also divided by the nodes. Processor time is in milliseconds: of the silo, of an agent, and of the commands that the agent runs.\n\n");
        text.Append("| change | policies | row writes | compiled in, ms | bytes per node | whole per node | delta per node | removed per node | ack, ms | silo CPU | agent CPU | commands CPU |\n");
        text.Append("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (var cell in cells.GroupBy(cell => cell.Cycle.Name).SelectMany(kind => kind.OrderBy(cell => cell.Policies)))
        {
            double changes = cell.Changes;
            var sent = changes * cell.Nodes;
            var counted = cell.Counted;
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {cell.Cycle.Name} | {cell.Policies:n0} | {counted.RowWrites / changes:f2} | {counted.CompileSeconds * 1000 / changes:f2} | {counted.Bytes / sent:f0} | {counted.Whole / sent:f2} | {counted.Deltas / sent:f2} | {counted.Removed / sent:f2} | {counted.AckSeconds * 1000 / Math.Max(1, counted.Acks):f1} | {cell.Used.Silo.TotalMilliseconds / changes:f1} | {cell.Used.Agents.TotalMilliseconds / sent:f1} | {cell.Used.Commands.TotalMilliseconds / sent:f1} |\n");
        }

        text.Append('\n');
    }
}
