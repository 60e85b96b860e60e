using System.Collections.Immutable;
using System.CommandLine;
using Vallum.Cli.Files;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;
using Vallum.Policies.Evaluation;

namespace Vallum.Cli.Commands;

/// <summary>Who reaches whom: from the server, or offline from files; as a matrix, or for a list of probes.</summary>
internal static class ReachCommand
{
    public static Command Build(ServerOptions server, TextWriter output, TextWriter error)
    {
        var tenants = new Argument<string[]>("tenant") { Description = "Only endpoints of these tenants; none: of all", Arity = ArgumentArity.ZeroOrMore };
        var files = new ManifestFiles(required: false);
        var flow = new FlowOptions();
        var probes = new Option<string?>("--probes") { Description = "With -f: a JSON list of probes, {\"from\", \"to\", \"protocol\", \"port\"}; answered with \"allowed\"" };
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json);
        var command = new Command("reach", "Show who reaches whom.") { tenants, files.Paths, files.Recursive, probes, format };
        flow.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(probes) is { } path)
            {
                if (!files.AreGiven(parsed))
                {
                    throw new CommandFailure(ExitCode.Usage, "--probes are judged on files: give -f too (USAGE)");
                }

                await ProbeList.AnswerAsync(OfflineFlows.Of(files.Read(parsed, error)), path, parsed.GetValue(format), output, cancellationToken);
                return ExitCode.Ok;
            }

            var matrix = files.AreGiven(parsed)
                ? Offline(parsed, files, flow, parsed.GetValue(tenants)!, error)
                : await OnlineAsync(parsed, server, flow, parsed.GetValue(tenants)!, cancellationToken);
            ReachMatrix.Write(matrix, parsed.GetValue(format), output);
            return ExitCode.Ok;
        });
        return command;
    }

    private static ReachMatrix Offline(ParseResult parsed, ManifestFiles files, FlowOptions flow, string[] tenants, TextWriter error)
    {
        var traffic = OfflineTraffic.Parse(parsed.GetValue(flow.Protocol)!, parsed.GetValue(flow.Port), parsed.GetValue(flow.IcmpType));
        var state = OfflineFlows.Of(files.Read(parsed, error)).State;
        var found = Reachability.Of(state, traffic.Between, traffic.Family);
        var shown = Enumerable.Range(0, found.Endpoints.Length)
            .Where(i => tenants.Length == 0 || tenants.Contains(found.Endpoints[i].Tenant.Value))
            .ToImmutableArray();
        return new ReachMatrix(
            [.. shown.Select(i => found.Endpoints[i].ToString())],
            [.. shown.Select(i => string.Concat(shown.Select(j => found.Rows[i][j])))]);
    }

    private static async Task<ReachMatrix> OnlineAsync(
        ParseResult parsed, ServerOptions server, FlowOptions flow, string[] tenants, CancellationToken cancellationToken)
    {
        using var connection = server.Connect(parsed);
        var request = new GetReachabilityRequest
        {
            Parents = { tenants.Select(t => t.StartsWith("tenants/", StringComparison.Ordinal) ? t : $"tenants/{t}") },
            Protocol = parsed.GetValue(flow.Protocol),
            Port = parsed.GetValue(flow.Port),
        };
        if (parsed.GetValue(flow.IcmpType) is { } type)
        {
            request.IcmpType = type;
        }

        var answer = await connection.Analysis.GetReachabilityAsync(request, connection.Call(cancellationToken));
        return new ReachMatrix(
            [.. answer.Endpoints.Select(e => e.Replace("tenants/", "", StringComparison.Ordinal).Replace("/endpoints/", "/", StringComparison.Ordinal))],
            [.. answer.Rows]);
    }
}
