using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Vallum.Cli.Files;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Commands;

/// <summary>Make it so: everything in the files is as the files say, and the answer comes when that is durable.</summary>
internal static class ApplyCommand
{
    public static Command Build(ServerOptions server, TextWriter output, TextWriter error)
    {
        var files = new ManifestFiles();
        var format = OutputFormats.Option(OutputFormat.Table, OutputFormat.Json, OutputFormat.Name);
        var dryRun = new Option<bool>("--dry-run") { Description = "Let the server check everything and change nothing" };
        var wait = new Option<bool>("--wait") { Description = "Wait until it is in the kernel of every node concerned. Exit code 7 when it is not in time" };
        var timeout = new Option<TimeSpan>("--timeout")
        {
            Description = "With --wait: give up after this time. Default: 30s",
            DefaultValueFactory = _ => TimeSpan.FromSeconds(30),
            CustomParser = Durations.Parse,
        };
        var command = new Command("apply", "Create or change objects as files say; atomic per tenant.") { files.Paths, files.Recursive, format, dryRun, wait, timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var set = files.Read(parsed, error);
            using var connection = server.Connect(parsed);
            var validateOnly = parsed.GetValue(dryRun);
            var response = await new ApplyCall(connection, error).PutAsync(set.Manifests, validateOnly, cancellationToken);
            ChangeList.Write(response, parsed.GetValue(format), validateOnly, output);
            return parsed.GetValue(wait) && !validateOnly
                ? await WaitAsync(connection, response, parsed.GetValue(timeout), error, cancellationToken)
                : ExitCode.Ok;
        });
        return command;
    }

    private static async Task<int> WaitAsync(
        Connection connection, ApplyResponse response, TimeSpan timeout, TextWriter error, CancellationToken cancellationToken)
    {
        var request = WaitFor(response, timeout);
        if (request.Names.Count == 0 && request.Revisions.Count == 0)
        {
            return ExitCode.Ok;
        }

        var call = connection.Call(cancellationToken, atLeast: timeout + TimeSpan.FromSeconds(10));
        var answer = await Progress.WhileAsync(error, "waiting for nodes", () => connection.Status.WaitRealizedAsync(request, call).ResponseAsync);
        if (answer.Realized)
        {
            return ExitCode.Ok;
        }

        await error.WriteLineAsync($"error: accepted, but not realized within {Durations.Write(timeout)} (NOT_REALIZED)");
        NodeTable.WriteLagging(answer.Lagging, error);
        return ExitCode.TimedOut;
    }

    /// <summary>
    /// The tenants at their revisions. A new revision of the cluster's own objects concerns the nodes of every tenant; where none of them changed, only
    /// the operator's policies that were given are asked about.
    /// </summary>
    private static WaitRealizedRequest WaitFor(ApplyResponse response, TimeSpan timeout)
    {
        var request = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(timeout) };
        var own = response.Changes.Where(c => !c.Name.StartsWith("tenants/", StringComparison.Ordinal)).ToList();
        var ownChanged = own.Exists(c => c.Type != ChangeType.Unchanged);
        foreach (var revision in response.Revisions.Where(r => r.Scope.Length > 0 || ownChanged))
        {
            request.Revisions[revision.Scope] = revision.Revision;
        }

        request.Names.Add(own.Where(c => c.Type != ChangeType.Deleted && c.Name.StartsWith("policies/", StringComparison.Ordinal)).Select(c => c.Name));
        return request;
    }
}
