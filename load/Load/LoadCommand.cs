using System.CommandLine;
using Vallum.Lab;
using Vallum.Load.Changes;
using Vallum.Load.Comparing;
using Vallum.Load.Compiling;
using Vallum.Load.Dataplane;
using Vallum.Load.Dataplane.Revocations;
using Vallum.Load.Dataplane.Testbed;
using Vallum.Load.Dataplane.Updates;
using Vallum.Load.HotTenants;
using Vallum.Load.OpenLoop;
using Vallum.Load.Outages;
using Vallum.Load.Reports;
using Vallum.Load.Running;
using Vallum.Load.Storms;
using Vallum.Load.Swarms;
using Vallum.Load.Worlds;
using Vallum.NodeAgent.Kernel;
using Command = System.CommandLine.Command;

namespace Vallum.Load;

/// <summary>The command line of load/run.sh.</summary>
internal static class LoadCommand
{
    private static readonly Option<bool> Write = new("--write") { Description = "put the tables into docs/performance.md" };

    private static readonly Option<int[]> Policies = new("--policies")
    {
        Description = "how many policies are there besides",
        DefaultValueFactory = _ => [10, 1_000, 10_000],
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Changes = new("--changes") { Description = "single changes of each kind", DefaultValueFactory = _ => 500 };

    public static RootCommand Create() => new("Measures what docs/performance.md says.")
    {
        RunCommand.Create(Write),
        CompareCommand.Create(),
        ChangeLatency(),
        CompileCommand.Create(Write),
        CompileCommand.CreateOfShape(),
        HotCommands.HotTenant(Write),
        HotCommands.Sustained(Write),
        DataPlane(),
        DataPlaneNode(),
        DataPlaneRevoke(),
        OutageCommand.Create(Write),
        StormCommand.Create(Write),
        FanOutCommand.Create(Write),
        ColdStartCommand.Create(Write),
        AgentMemoryCommand.Create(Write),
    };

    private static Command ChangeLatency()
    {
        var nodes = new Option<int[]>("--nodes") { Description = "nodes in the span", DefaultValueFactory = _ => [1, 10], AllowMultipleArgumentsPerToken = true };
        var shapes = new Option<Shape[]>("--shapes")
        {
            Description = "where the other policies are",
            DefaultValueFactory = _ => [Shape.Elsewhere, Shape.Overlapping],
            AllowMultipleArgumentsPerToken = true,
        };
        var part = new Option<string>("--part") { Description = "the part of the page that --write replaces", DefaultValueFactory = _ => "change-latency" };
        var seconds = new Option<int>("--seconds") { Description = "limit for one kind of change at one place; it then ends with fewer changes", DefaultValueFactory = _ => 120 };
        var command = new Command("change-latency", "From an API call to the kernels of the nodes.") { nodes, shapes, Policies, Changes, seconds, Write, part };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            if (LabNeeds.Missing is { } missing)
            {
                await Console.Error.WriteLineAsync($"this cannot be measured here: {missing}");
                return 1;
            }

            var machine = Machine.Describe(TimeProvider.System);
            var plan = new ChangeLatencyPlan(
                [.. arguments.GetValue(shapes)!],
                [.. arguments.GetValue(nodes)!],
                [.. arguments.GetValue(Policies)!.Order()],
                arguments.GetValue(Changes),
                TimeSpan.FromSeconds(arguments.GetValue(seconds)));
            var cells = await new ChangeLatency(plan, Console.Error).RunAsync(cancellationToken);
            var agent = Programs.IsAgentNative ? "--aot " : "";
            var content = $"`load/run.sh {agent}{string.Join(' ', Environment.GetCommandLineArgs().Skip(1).TakeWhile(argument => argument != Write.Name))}`, {machine}.\n\n{ChangeTables.Of(cells)}";
            return await PrintAsync(arguments.GetValue(part)!, content, arguments.GetValue(Write), cancellationToken);
        });
        return command;
    }

    private static Command DataPlane()
    {
        var quick = new Option<bool>("--quick") { Description = "small counts, some two minutes: to see that it runs" };
        var flavours = new Option<IptablesFlavour[]>("--flavours")
        {
            Description = "of iptables",
            DefaultValueFactory = _ => [IptablesFlavour.Legacy, IptablesFlavour.Nft],
            AllowMultipleArgumentsPerToken = true,
        };
        var parts = new Option<DataplaneParts>("--parts") { Description = "what to measure", DefaultValueFactory = _ => DataplaneParts.All };
        var command = new Command("dataplane", "What rules cost a packet, and what a change of them costs.") { quick, flavours, parts, Write };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            if (LabNeeds.Missing is { } missing)
            {
                await Console.Error.WriteLineAsync($"this cannot be measured here: {missing}");
                return 1;
            }

            var machine = Machine.Describe(TimeProvider.System);
            var plan = arguments.GetValue(quick) ? DataplanePlan.Quick : DataplanePlan.Full;
            var tables = await new DataplaneScenario(plan, arguments.GetValue(parts), arguments.GetValue(flavours)!, Console.Error).RunAsync(cancellationToken);
            return await PrintAsync("dataplane", $"`load/run.sh dataplane`, {machine}.\n\n{tables}", arguments.GetValue(Write), cancellationToken);
        });
        return command;
    }

    /// <summary>Started by this program inside a namespace.</summary>
    private static Command DataPlaneNode()
    {
        var flavour = new Option<IptablesFlavour>("--flavour") { Required = true };
        var members = new Option<int>("--members") { Required = true };
        var stateDirectory = new Option<string>("--state-dir") { Required = true };
        var rounds = new Option<int>("--rounds") { Required = true };
        var seconds = new Option<double>("--seconds") { Required = true };
        var command = new Command(UpdateScenario.NodeCommand) { flavour, members, stateDirectory, rounds, seconds };
        command.Hidden = true;
        command.SetAction((arguments, cancellationToken) => new NodeMeasurement(
            arguments.GetValue(flavour),
            arguments.GetValue(members),
            arguments.GetRequiredValue(stateDirectory),
            arguments.GetValue(rounds),
            TimeSpan.FromSeconds(arguments.GetValue(seconds))).RunAsync(cancellationToken));
        return command;
    }

    /// <summary>Started by this program inside a namespace.</summary>
    private static Command DataPlaneRevoke()
    {
        var flows = new Option<int>("--flows") { Required = true };
        var router = new Option<int>("--router") { Required = true };
        var command = new Command(RevocationScenario.NodeCommand) { flows, router };
        command.Hidden = true;
        command.SetAction((arguments, cancellationToken) =>
            new RevocationMeasurement(new Router(arguments.GetValue(router), ""), arguments.GetValue(flows)).RunAsync(cancellationToken));
        return command;
    }

    /// <summary>A part of the page: to the terminal, and where asked for into the page.</summary>
    public static async Task<int> PrintAsync(string part, string content, bool write, CancellationToken cancellationToken)
    {
        await Console.Out.WriteLineAsync(content);
        if (write)
        {
            await new PerformancePage(Path.Combine(Programs.Root, "docs", "performance.md")).WriteAsync(part, content, cancellationToken);
        }

        return 0;
    }
}
