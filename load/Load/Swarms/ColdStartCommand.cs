using System.CommandLine;
using System.Globalization;
using System.Text;
using Vallum.Load.Reports;
using Vallum.Load.Storms;
using Vallum.Scenarios.Grounds;
using Vallum.Scenarios.Spans;

namespace Vallum.Load.Swarms;

/// <summary><c>load/run.sh cold-start</c>.</summary>
internal static class ColdStartCommand
{
    private const int EndpointsOfTenant = 4;
    private const int PoliciesOfTenant = 3;

    public static Command Create(Option<bool> write)
    {
        var tenants = new Option<int>("--tenants") { Description = "of 4 endpoints and 3 policies each", DefaultValueFactory = _ => 25_000 };
        var agents = new Option<int>("--agents") { Description = "each on a node of its own; the endpoints are spread over them", DefaultValueFactory = _ => 1_000 };
        var redis = new Option<bool>("--redis") { Description = "the silo keeps everything in Redis, not in a file" };
        var command = new Command("cold-start", "A silo starts with everything durable and nothing in memory.") { tenants, agents, redis, write };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var machine = Machine.Describe(TimeProvider.System);
            var (count, nodes, inRedis) = (arguments.GetValue(tenants), arguments.GetValue(agents), arguments.GetValue(redis));
            var table = await RunAsync(inRedis ? new Target.Cluster(1) : new Target.One(), new Sizes(count, EndpointsOfTenant, PoliciesOfTenant, nodes, nodes), cancellationToken);
            return await LoadCommand.PrintAsync(
                inRedis ? "cold-start-redis" : "cold-start", $"`load/run.sh cold-start --tenants {count} --agents {nodes}{(inRedis ? " --redis" : "")}`, {machine}.\n\n{table}", arguments.GetValue(write), cancellationToken);
        });
        return command;
    }

    private static async Task<string> RunAsync(Target target, Sizes sizes, CancellationToken cancellationToken)
    {
        await using var ground = await Ground.StartAsync(target, 1, sizes, Console.Error, cancellationToken);
        await using var scenario = new ColdStart();
        await scenario.PrepareAsync(ground, cancellationToken);
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"{sizes.Tenants:n0} tenants, {sizes.Tenants * sizes.EndpointsPerTenant:n0} endpoints, {sizes.Tenants * sizes.PoliciesPerTenant:n0} policies, {sizes.Agents:n0} agents with a connection each, on one silo.")
            .AppendLine()
            .AppendLine("| since the process started, s | ready | first agent in sync (aim 1) | half of them | all (aim 10) | silo's processor, s | silo's memory, MiB |")
            .AppendLine("|---|--:|--:|--:|--:|--:|--:|");
        foreach (var (words, keep) in ((string, bool)[])[("agents hold everything", true), ("agents hold nothing", false)])
        {
            scenario.AgentsKeepWhatTheyHold = keep;
            text.AppendLine(await RowAsync(words, scenario, ground, cancellationToken));
        }

        var faults = await scenario.VerifyAsync(cancellationToken);
        return faults.Count == 0 ? text.ToString() : throw new InvalidDataException(string.Join("; ", faults));
    }

    private static async Task<string> RowAsync(string words, ColdStart scenario, Ground ground, CancellationToken cancellationToken)
    {
        await scenario.RunOnceAsync(0, cancellationToken);
        var (times, usage) = (scenario.Times[^1], SiloUsage.Of(ground.Processes[0]));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {words} | {times.Ready.TotalSeconds:0.00} | {times.First.TotalSeconds:0.00} | {times.Half.TotalSeconds:0.00} | {times.All.TotalSeconds:0.00} | {usage.Processor.TotalSeconds:0.0} | {usage.Memory:0} |");
    }
}
