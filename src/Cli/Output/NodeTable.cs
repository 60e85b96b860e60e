using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Output;

internal static class NodeTable
{
    public static void Write(IEnumerable<Node> nodes, bool wide, TextWriter output)
    {
        var table = wide
            ? new TextTable("NODE", "AGENT", "SINCE", "IN SYNC", "ENDPOINTS", "APPLY", "DENIED", "REPAIRS", "WARNINGS", "BACKEND", "SILO", "LAST ERROR")
            : new TextTable("NODE", "AGENT", "IN SYNC", "ENDPOINTS", "LAST ERROR");
        foreach (var node in nodes)
        {
            var status = node.Status ?? new NodeStatus();
            var name = node.Name["nodes/".Length..];
            var agent = status.Connected ? "connected" : "disconnected";
            var inSync = status is { Connected: true, InSync: true } ? "yes" : "no";
            var error = FirstLine(status.LastError is { Length: > 0 } failure ? failure : string.Join("; ", status.Warnings));
            if (wide)
            {
                var apply = status.LastApplyDuration is { } duration ? Durations.Write(duration.ToTimeSpan()) : "-";
                var since = status is { Connected: true, ConnectedSince: { } connected } ? Figures.Ago(connected) : "-";
                table.Add(
                    name, agent, since, inSync, $"{status.Endpoints}", apply, Figures.Count(status.DeniedPackets), $"{status.DriftRepairs}",
                    $"{status.Warnings.Count}", Or(status.Backend), Or(status.Silo), Or(error));
            }
            else
            {
                table.Add(name, agent, inSync, $"{status.Endpoints}", Or(error));
            }
        }

        table.Write(output);
    }

    /// <summary>What a line has no room for: what the agent warns of, and what it put back.</summary>
    public static void WriteFindings(NodeStatus status, TextWriter output)
    {
        foreach (var warning in status.Warnings)
        {
            output.WriteLine($"warning: {warning}");
        }

        if (status.Drift.Count == 0)
        {
            return;
        }

        var table = new TextTable("DRIFT", "REPAIRED", "WHAT DIFFERED");
        foreach (var finding in status.Drift)
        {
            table.Add(Figures.Ago(finding.Time), finding.Repaired ? "yes" : "no", FirstLine(finding.Words));
        }

        output.WriteLine();
        table.Write(output);
    }

    public static void WriteLagging(IEnumerable<NodeRealization> nodes, TextWriter output)
    {
        var table = new TextTable("NODE", "AGENT", "APPLIED REVISION", "ERROR");
        foreach (var node in nodes)
        {
            table.Add(node.Node, node.Connected ? "connected" : "disconnected", $"{node.AppliedRevision}", Or(FirstLine(node.Error)));
        }

        table.Write(output);
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0];

    private static string Or(string text) => text.Length == 0 ? "-" : text;
}
