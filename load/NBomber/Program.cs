using System.CommandLine;
using Vallum.NBomberDriver;
using Vallum.Scenarios.CommandLines;

var options = new RunOptions();
var reports = new Option<DirectoryInfo?>("--out") { Description = "where NBomber puts its reports; default: ./reports" };
var command = new RootCommand("Runs a scenario by a profile with NBomber. What stands behind -- is NBomber's own.") { reports };
command.TreatUnmatchedTokensAsErrors = false;
options.AddTo(command);
command.SetAction(async (arguments, cancellationToken) =>
{
    if (options.Read(arguments, out var faults) is not { } plan)
    {
        foreach (var fault in faults)
        {
            await Console.Error.WriteLineAsync(fault);
        }

        return 2;
    }

    return await new NBomberRun(plan, arguments.GetValue(reports)?.FullName ?? "reports", [.. arguments.UnmatchedTokens]).RunAsync(cancellationToken);
});
return await command.Parse(args).InvokeAsync();
