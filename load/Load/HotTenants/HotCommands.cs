using System.CommandLine;
using Vallum.Load.Reports;

namespace Vallum.Load.HotTenants;

/// <summary><c>load/run.sh hot-tenant</c> and <c>load/run.sh sustained</c>.</summary>
internal static class HotCommands
{
    private static readonly Option<int> Rate = new("--rate") { Description = "endpoint changes each second" };
    private static readonly Option<int> Seconds = new("--seconds") { Description = "for which they come" };

    public static Command HotTenant(Option<bool> write)
    {
        var policies = new Option<int>("--policies") { Description = "of the tenant", DefaultValueFactory = _ => 10_000 };
        var nodes = new Option<int>("--nodes") { Description = "that have an endpoint of the segment", DefaultValueFactory = _ => 2_000 };
        var callers = new Option<int>("--callers") { Description = "endpoints that change", DefaultValueFactory = _ => 1_000 };
        var command = new Command("hot-tenant", "One tenant with everything, agents in this process.") { policies, nodes, callers, Rate, Seconds, write };
        command.SetAction((arguments, cancellationToken) =>
        {
            var world = new HotWorld(1, arguments.GetValue(policies), arguments.GetValue(nodes), arguments.GetValue(callers));
            return RunAsync("hot-tenant", new HotTenantPlan(1, world, Given(arguments, Rate, 500), TimeSpan.FromSeconds(Given(arguments, Seconds, 20))), arguments.GetValue(write), cancellationToken);
        });
        return command;
    }

    public static Command Sustained(Option<bool> write)
    {
        var silos = new Option<int>("--silos") { Description = "more than one: on a redis-server of their own", DefaultValueFactory = _ => 3 };
        var tenants = new Option<int>("--tenants") { Description = "which change in turns", DefaultValueFactory = _ => 50 };
        var nodes = new Option<int>("--nodes") { Description = "of each tenant", DefaultValueFactory = _ => 2 };
        var command = new Command("sustained", "Changes of many tenants for long, durable, on a cluster.") { silos, tenants, nodes, Rate, Seconds, write };
        command.SetAction((arguments, cancellationToken) =>
        {
            var world = new HotWorld(arguments.GetValue(tenants), 100, arguments.GetValue(nodes), 200 * arguments.GetValue(tenants));
            return RunAsync(
                "sustained", new HotTenantPlan(arguments.GetValue(silos), world, Given(arguments, Rate, 1_000), TimeSpan.FromSeconds(Given(arguments, Seconds, 300))), arguments.GetValue(write), cancellationToken);
        });
        return command;
    }

    private static int Given(ParseResult arguments, Option<int> option, int otherwise) => arguments.GetResult(option) is null ? otherwise : arguments.GetValue(option);

    private static async Task<int> RunAsync(string name, HotTenantPlan plan, bool write, CancellationToken cancellationToken)
    {
        var machine = Machine.Describe(TimeProvider.System);
        var table = await new HotTenant(plan, Console.Error).RunAsync(cancellationToken);
        var words = Environment.GetCommandLineArgs().Skip(1).Where(argument => argument != "--write");
        return await LoadCommand.PrintAsync(name, $"`load/run.sh {string.Join(' ', words)}`, {machine}.\n\n{table}", write, cancellationToken);
    }
}
