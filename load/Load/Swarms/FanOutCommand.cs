using System.CommandLine;
using Vallum.Load.Reports;

namespace Vallum.Load.Swarms;

/// <summary><c>load/run.sh fan-out</c>.</summary>
internal static class FanOutCommand
{
    public static Command Create(Option<bool> write)
    {
        var cells = new Option<string[]>("--cells")
        {
            Description = "AGENTS@RATE: connected agents, changes a second; with a rate of 0 the next change waits for the last agent",
            DefaultValueFactory = _ => ["100@200", "1000@0", "10000@0"],
            AllowMultipleArgumentsPerToken = true,
        };
        var seconds = new Option<int>("--seconds") { Description = "for which changes come, after as long to warm up", DefaultValueFactory = _ => 20 };
        var others = new Option<int>("--others") { Description = "other objects: tenants of 4 endpoints, 3 policies and a segment, on the same nodes", DefaultValueFactory = _ => 20_000 };
        var command = new Command("fan-out", "A change until the last of all connected agents holds it.") { cells, seconds, others, write };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var machine = Machine.Describe(TimeProvider.System);
            var plan = new FanOutPlan(
                [.. arguments.GetValue(cells)!.Select(FanOutCell.Parse)], TimeSpan.FromSeconds(arguments.GetValue(seconds)), arguments.GetValue(others));
            var table = await new FanOutRun(plan, Console.Error).RunAsync(cancellationToken);
            return await LoadCommand.PrintAsync("fan-out", $"`load/run.sh fan-out --seconds {arguments.GetValue(seconds)} --others {arguments.GetValue(others)}`, {machine}.\n\n{table}", arguments.GetValue(write), cancellationToken);
        });
        return command;
    }
}
