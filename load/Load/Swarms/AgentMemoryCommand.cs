using System.CommandLine;
using System.Globalization;
using System.Text;
using Vallum.Load.Reports;
using Vallum.Load.Storms;
using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Spans;

namespace Vallum.Load.Swarms;

/// <summary><c>load/run.sh agent-memory</c>.</summary>
internal static class AgentMemoryCommand
{
    // Longer than agents are reported in, and than questions to owners are parked: everything that is there once has been there.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    public static Command Create(Option<bool> write)
    {
        var agents = new Option<int[]>("--agents") { Description = "how many, each on a silo of its own", DefaultValueFactory = _ => [1_000, 10_000], AllowMultipleArgumentsPerToken = true };
        var streams = new Option<int[]>("--streams") { Description = "on one connection", DefaultValueFactory = _ => [400, 1], AllowMultipleArgumentsPerToken = true };
        var command = new Command("agent-memory", "What an idle agent's stream takes of the silo, and of the swarm.") { agents, streams, write };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var machine = Machine.Describe(TimeProvider.System);
            var text = new StringBuilder()
                .AppendLine("| agents | streams on a connection | silo's memory for each agent, KiB (aim 40) | silo's processor while idle, cores | swarm: heap for each agent, KiB | swarm: memory for each, KiB (aim 20) |")
                .AppendLine("|--:|--:|--:|--:|--:|--:|");
            foreach (var count in arguments.GetValue(agents)!)
            {
                foreach (var each in arguments.GetValue(streams)!)
                {
                    text.AppendLine(await RowAsync(count, each, cancellationToken));
                }
            }

            return await LoadCommand.PrintAsync("agent-memory", $"`load/run.sh agent-memory`, {machine}.\n\n{text}", arguments.GetValue(write), cancellationToken);
        });
        return command;
    }

    private static async Task<string> RowAsync(int agents, int streams, CancellationToken cancellationToken)
    {
        var sizes = new Sizes(0, 0, 0, agents, agents);
        await using var ground = await Ground.StartAsync(new Target.One(), 1, sizes, Console.Error, cancellationToken);
        await using var scenario = new FanOut { StreamsPerConnection = streams };
        await scenario.ApplyAsync(ground, cancellationToken);
        var (silo, heap, own) = (SiloUsage.Of(ground.Processes[0]), GC.GetTotalMemory(true), SiloUsage.Of(Environment.ProcessId));
        await scenario.ConnectAsync(ground, cancellationToken);
        await Task.Delay(Settle, cancellationToken);
        var idle = SiloUsage.Of(ground.Processes[0]);
        await Task.Delay(Settle, cancellationToken);
        var end = SiloUsage.Of(ground.Processes[0]);
        var (heapOfEach, ofEach) = ((GC.GetTotalMemory(true) - heap) / 1024.0 / agents, (SiloUsage.Of(Environment.ProcessId).Memory - own.Memory) * 1024 / agents);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {agents:n0} | {streams} | {(end.Memory - silo.Memory) * 1024 / agents:0.0} | {(end.Processor - idle.Processor) / Settle:0.00} | {heapOfEach:0.0} | {ofEach:0.0} |");
    }
}
