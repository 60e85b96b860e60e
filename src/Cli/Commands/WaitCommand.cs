using System.CommandLine;
using Google.Protobuf.WellKnownTypes;
using Vallum.Cli.Output;
using Vallum.Cli.Server;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Commands;

/// <summary>Wait until what was accepted is in the kernel of every node that it concerns.</summary>
internal static class WaitCommand
{
    public static Command Build(ServerOptions server, TextWriter output, TextWriter error)
    {
        var names = new Argument<string[]>("name") { Description = "Tenants or policies, such as shop, shop/web, or policies/deny of the operator; none: everything", Arity = ArgumentArity.ZeroOrMore };
        var condition = new Option<string>("--for")
        {
            Description = "What to wait for: realized",
            DefaultValueFactory = _ => "realized",
        };
        condition.AcceptOnlyFromAmong("realized");
        var timeout = new Option<TimeSpan>("--timeout")
        {
            Description = "Give up after this time, at most 10m. Default: 30s",
            DefaultValueFactory = _ => TimeSpan.FromSeconds(30),
            CustomParser = Durations.Parse,
        };
        var command = new Command("wait", "Wait until everything named is in force. Exit code 7 when it is not in time.") { names, condition, timeout };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var connection = server.Connect(parsed);
            var limit = parsed.GetValue(timeout);
            var request = new WaitRealizedRequest
            {
                Names = { parsed.GetValue(names)!.Select(NameOf) },
                Timeout = Duration.FromTimeSpan(limit),
            };
            var call = connection.Call(cancellationToken, atLeast: limit + TimeSpan.FromSeconds(10));
            var answer = await Progress.WhileAsync(error, "waiting for nodes", () => connection.Status.WaitRealizedAsync(request, call).ResponseAsync);
            if (answer.Realized)
            {
                await output.WriteLineAsync("realized");
                return ExitCode.Ok;
            }

            await error.WriteLineAsync($"error: not realized within {Durations.Write(limit)} (NOT_REALIZED)");
            NodeTable.WriteLagging(answer.Lagging, error);
            return ExitCode.TimedOut;
        });
        return command;
    }

    /// <summary>"shop" is a tenant, "shop/web" a policy of it; the API's own names stay as they are.</summary>
    private static string NameOf(string text) => text.Split('/') switch
    {
        [var tenant] => $"tenants/{tenant}",
        ["tenants" or "policies", _] => text,
        [var tenant, var policy] => $"tenants/{tenant}/policies/{policy}",
        _ => text,
    };
}
