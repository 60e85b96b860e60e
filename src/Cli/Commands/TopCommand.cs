using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Commands;

/// <summary>What is busiest now: policies, who is denied, nodes.</summary>
internal static class TopCommand
{
    public static Command Build(ServerOptions server, TextWriter output)
    {
        var what = new Argument<string>("what") { Description = "policies, denied or nodes. Default: policies", DefaultValueFactory = _ => "policies" };
        what.AcceptOnlyFromAmong("policies", "denied", "nodes");
        var by = new Option<string>("--by") { Description = "packets or bytes. Default: packets", DefaultValueFactory = _ => "packets" };
        by.AcceptOnlyFromAmong("packets", "bytes");
        var limit = new Option<int>("--limit", "-n") { Description = "Rows, 1..1000. Default: 20", DefaultValueFactory = _ => 20 };
        var tenant = new Option<string?>("--tenant", "-t") { Description = "Only policies and endpoints of this tenant" };
        var interval = new Option<TimeSpan>("--interval")
        {
            Description = "Between two tables, 1s to 1m. Nodes read their counters every 10s. Default: 2s",
            DefaultValueFactory = _ => TimeSpan.FromSeconds(2),
            CustomParser = Durations.Parse,
        };
        var once = new Option<bool>("--once") { Description = "One table, and the end; so too where the output is no terminal and -o is not json" };
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json);
        var command = new Command("top", "Show which policies decide most, who is denied most, or what nodes are doing, again and again.")
        {
            what, by, limit, tenant, interval, once, format,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var connection = server.Connect(parsed);
            var json = parsed.GetValue(format) == OutputFormat.Json;
            var request = new GetTopRequest
            {
                View = parsed.GetValue(what) switch
                {
                    "denied" => TopView.Denied,
                    "nodes" => TopView.Nodes,
                    _ => TopView.Policies,
                },
                Order = parsed.GetValue(by) == "bytes" ? TopOrder.Bytes : TopOrder.Packets,
                Limit = parsed.GetValue(limit),
                Tenant = parsed.GetValue(tenant) is { } name ? TenantName(name) : "",
            };
            if (parsed.GetValue(once) || (!json && Console.IsOutputRedirected))
            {
                var top = await connection.Traffic.GetTopAsync(request, connection.Call(cancellationToken));
                await WriteAsync(top, request.View, json ? Json.Write(top) : null, output);
                return ExitCode.Ok;
            }

            var watch = new WatchTopRequest { Top = request, Interval = Duration.FromTimeSpan(parsed.GetValue(interval)) };
            using var call = connection.Traffic.WatchTop(watch, Connection.Stream(cancellationToken));
            await foreach (var top in call.ResponseStream.ReadAllAsync(cancellationToken))
            {
                await WriteAsync(top, request.View, json ? JsonLine.Write(top) : null, json ? output : Cleared(output));
                await output.FlushAsync(cancellationToken);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>"shop" or the API's own name.</summary>
    public static string TenantName(string text) => text.StartsWith("tenants/", StringComparison.Ordinal) ? text : $"tenants/{text}";

    private static async Task WriteAsync(Top top, TopView view, string? json, TextWriter output)
    {
        if (json is not null)
        {
            await output.WriteLineAsync(json);
            return;
        }

        TopTable.Write(top, view, output);
    }

    /// <summary>The terminal, empty, with the cursor in its corner.</summary>
    private static TextWriter Cleared(TextWriter output)
    {
        output.Write("\u001b[H\u001b[2J");
        return output;
    }
}
