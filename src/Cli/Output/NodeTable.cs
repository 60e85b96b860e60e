using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Output;

internal static class NodeTable
{
    public static void Write(IEnumerable<Node> nodes, bool wide, TextWriter output)
    {
        var table = wide
            ? new TextTable("NODE", "AGENT", "IN SYNC", "ENDPOINTS", "APPLY", "BACKEND", "SILO", "LAST ERROR")
            : new TextTable("NODE", "AGENT", "IN SYNC", "ENDPOINTS", "LAST ERROR");
        foreach (var node in nodes)
        {
            var status = node.Status ?? new NodeStatus();
            var name = node.Name["nodes/".Length..];
            var agent = status.Connected ? "connected" : "disconnected";
            var inSync = status is { Connected: true, InSync: true } ? "yes" : "no";
            var error = FirstLine(status.LastError is { Length: > 0 } failure ? failure : status.Warning);
            if (wide)
            {
                var apply = status.LastApplyDuration is { } duration ? Durations.Write(duration.ToTimeSpan()) : "-";
                table.Add(name, agent, inSync, $"{status.Endpoints}", apply, Or(status.Backend), Or(status.Silo), Or(error));
            }
            else
            {
                table.Add(name, agent, inSync, $"{status.Endpoints}", Or(error));
            }
        }

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
