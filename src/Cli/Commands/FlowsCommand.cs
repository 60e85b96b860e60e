using System.CommandLine;
using Grpc.Core;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;
using Verdict = Vallum.Contracts.Api.V1.FlowEvent.Types.Verdict;

namespace Vallum.Cli.Commands;

/// <summary>Which packets were denied or logged, and by what.</summary>
internal static class FlowsCommand
{
    public static Command Build(ServerOptions server, TextWriter output, TextWriter error)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on and show every flow as it is reported" };
        var denied = new Option<bool>("--denied") { Description = "Only denied flows, not those that only matched a rule with log" };
        var tenant = new Option<string?>("--tenant", "-t") { Description = "Only flows from or to this tenant's endpoints" };
        var node = new Option<string?>("--node") { Description = "Only flows that this node judged" };
        var party = new Option<string?>("--party") { Description = "Only flows from or to this tenant/endpoint or address" };
        var limit = new Option<int?>("--limit", "-n") { Description = "The newest so many, 1..10000. Default: 100; with --follow 10, and none with 0" };
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json);
        var command = new Command("flows", "Show flows that were denied or logged: from whom, to whom, what decided. Nodes need --log-group; json: a line each.")
        {
            follow, denied, tenant, node, party, limit, format,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var connection = server.Connect(parsed);
            var filter = new FlowFilter
            {
                Verdict = parsed.GetValue(denied) ? Verdict.Denied : Verdict.Unspecified,
                Tenant = parsed.GetValue(tenant) is { } name ? TopCommand.TenantName(name) : "",
                Node = parsed.GetValue(node) is { } machine ? machine.StartsWith("nodes/", StringComparison.Ordinal) ? machine : $"nodes/{machine}" : "",
                Party = parsed.GetValue(party) is { } side ? FlowOptions.PartyName(side) : "",
            };
            var json = parsed.GetValue(format) == OutputFormat.Json;
            if (parsed.GetValue(follow))
            {
                await FollowAsync(connection, new WatchFlowsRequest { Filter = filter, Recent = parsed.GetValue(limit) ?? 10 }, json, output, cancellationToken);
                return ExitCode.Ok;
            }

            var request = new ListFlowsRequest { Filter = filter, Limit = parsed.GetValue(limit) ?? 100 };
            var answer = await connection.Traffic.ListFlowsAsync(request, connection.Call(cancellationToken));
            FlowLines.Write(answer.Flows, json, output);
            if (answer.Dropped > 0)
            {
                await error.WriteLineAsync($"{answer.Dropped} more were dropped: there were too many");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task FollowAsync(Connection connection, WatchFlowsRequest request, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        using var call = connection.Traffic.WatchFlows(request, Connection.Stream(cancellationToken));
        await foreach (var flow in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            await output.WriteLineAsync(json ? JsonLine.Write(flow) : FlowLines.Line(flow));
            await output.FlushAsync(cancellationToken);
        }
    }
}
