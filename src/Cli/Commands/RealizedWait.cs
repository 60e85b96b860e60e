using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Commands;

/// <summary>--wait of the commands that change: until what was changed is in force.</summary>
internal sealed class RealizedWait
{
    public Option<bool> Wait { get; } = new("--wait") { Description = "Wait until it is in the kernel of every node concerned. Exit code 7 when it is not in time" };

    public Option<TimeSpan> Timeout { get; } = new("--timeout")
    {
        Description = "With --wait: give up after this time. Default: 30s",
        DefaultValueFactory = _ => TimeSpan.FromSeconds(30),
        CustomParser = Durations.Parse,
    };

    /// <summary>Does nothing, and says that all is well, where --wait is not given.</summary>
    public async Task<int> RunAsync(ParseResult parsed, Connection connection, ApplyResponse response, TextWriter error, CancellationToken cancellationToken)
    {
        var timeout = parsed.GetValue(Timeout);
        if (!parsed.GetValue(Wait))
        {
            return ExitCode.Ok;
        }

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
