using System.Globalization;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Output;

/// <summary>Flow events: a table of those that there are, or a line for each that comes.</summary>
internal static class FlowLines
{
    public static void Write(IReadOnlyCollection<FlowEvent> flows, bool json, TextWriter output)
    {
        if (json)
        {
            foreach (var flow in flows)
            {
                output.WriteLine(JsonLine.Write(flow));
            }

            return;
        }

        if (flows.Count == 0)
        {
            output.WriteLine("none");
            return;
        }

        var table = new TextTable("TIME", "VERDICT", "FROM", "TO", "SERVICE", "NODE", "DECIDED BY");
        foreach (var flow in flows)
        {
            table.Add(Time(flow), Verdict(flow), From(flow), To(flow), Service(flow), TopTable.Short(flow.Node), Decider(flow));
        }

        table.Write(output);
    }

    public static string Line(FlowEvent flow) =>
        $"{Time(flow)}  {Verdict(flow),-7}  {From(flow)} -> {To(flow)}  {Service(flow)}  {TopTable.Short(flow.Node)}  {Decider(flow)}";

    private static string Time(FlowEvent flow) =>
        flow.Time is { } time ? time.ToDateTime().ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : "-";

    private static string Verdict(FlowEvent flow) => flow.Verdict.ToString().ToLowerInvariant();

    private static string From(FlowEvent flow) => Party(flow.SourceEndpoint, flow.Source);

    private static string To(FlowEvent flow) => Party(flow.DestinationEndpoint, flow.Destination);

    private static string Party(string endpoint, string address) => endpoint.Length == 0 ? address : $"{TopTable.Short(endpoint)} ({address})";

    private static string Service(FlowEvent flow) => flow switch
    {
        { HasIcmpType: true } => $"{flow.Protocol}/{flow.IcmpType}",
        { DestinationPort: > 0 } => $"{flow.Protocol}/{flow.DestinationPort}",
        _ => flow.Protocol,
    };

    /// <summary>The policy and rule; else why; else in which direction nothing allowed it.</summary>
    private static string Decider(FlowEvent flow)
    {
        var direction = flow.Direction == Direction.Unspecified ? "" : $"{flow.Direction.ToString().ToLowerInvariant()}: ";
        return flow switch
        {
            { Policy.Length: > 0, Rule.Length: > 0 } => $"{direction}{TopTable.Short(flow.Policy)} rule {flow.Rule}",
            { Policy.Length: > 0 } => $"{direction}{TopTable.Short(flow.Policy)}",
            { Reason.Length: > 0 } => $"{direction}{flow.Reason}",
            _ => $"{direction}-",
        };
    }
}
