using System.CommandLine;
using Vallum.Chaos.Processes;
using Vallum.Chaos.Worlds;
using Vallum.Load.Reports;

namespace Vallum.Load.Outages;

/// <summary><c>load/run.sh outage</c>.</summary>
internal static class OutageCommand
{
    public static Command Create(Option<bool> write)
    {
        var runs = new Option<int>("--runs") { Description = "of each kind", DefaultValueFactory = _ => 10 };
        var agents = new Option<int>("--agents") { Description = "in this process, each with a connection of its own", DefaultValueFactory = _ => 200 };
        var backend = new Option<Backend>("--backend") { Description = "what the silos share", DefaultValueFactory = _ => Backend.Redis };
        var kinds = new Option<Outage[]>("--kinds")
        {
            Description = "of outages",
            DefaultValueFactory = _ => Enum.GetValues<Outage>(),
            AllowMultipleArgumentsPerToken = true,
        };
        var trace = new Option<string?>("--trace") { Description = "write there which tries of writes failed or took long, and leave the silos' logs there", HelpName = "FOLDER" };
        var command = new Command("outage", "What a cluster of three silos does not do while a part of it fails.") { runs, agents, backend, kinds, trace, write };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var machine = Machine.Describe(TimeProvider.System);
            var (store, times) = (arguments.GetValue(backend), arguments.GetValue(runs));
            var scenario = new OutageScenario(
                store,
                new World(Tenants: 10, arguments.GetValue(agents)),
                times,
                [.. arguments.GetValue(kinds)!.Where(kind => kind != Outage.Storage || store == Backend.Redis)],
                arguments.GetValue(trace),
                Console.Error);
            var content = $"`load/run.sh outage --runs {times}`, {store}, {arguments.GetValue(agents)} agents, {machine}.\n\n{OutageTable.Of(await scenario.RunAsync(cancellationToken))}";
            return await LoadCommand.PrintAsync("outage", content, arguments.GetValue(write), cancellationToken);
        });
        return command;
    }
}
