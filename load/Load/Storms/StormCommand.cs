using System.CommandLine;
using Vallum.Chaos.Processes;
using Vallum.Load.Reports;

namespace Vallum.Load.Storms;

/// <summary><c>load/run.sh storm</c>.</summary>
internal static class StormCommand
{
    public static Command Create(Option<bool> write)
    {
        var agents = new Option<int>("--agents") { Description = "in this process, each with a connection of its own", DefaultValueFactory = _ => 2_000 };
        var backend = new Option<Backend>("--backend") { Description = "what the silos share", DefaultValueFactory = _ => Backend.Redis };
        var command = new Command("storm", "All agents of a silo that is killed come to the two others.") { agents, backend, write };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var machine = Machine.Describe(TimeProvider.System);
            var text = await new StormScenario(arguments.GetValue(backend), arguments.GetValue(agents)).RunAsync(cancellationToken);
            return await LoadCommand.PrintAsync(
                "storm", $"`load/run.sh storm --agents {arguments.GetValue(agents)}`, {arguments.GetValue(backend)}, {machine}.\n\n{text}", arguments.GetValue(write), cancellationToken);
        });
        return command;
    }
}
