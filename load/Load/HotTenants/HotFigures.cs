using System.Globalization;
using Vallum.Load.Measuring;
using Vallum.Load.Running;

namespace Vallum.Load.HotTenants;

/// <param name="Arrivals">From a change's intended start to the last agent that holds it.</param>
/// <param name="Merged">Changes that some agent was never sent, because the caller's next change undid them on the way.</param>
/// <param name="Elapsed">Of the writes and of <paramref name="Rest"/>, until all agents were in sync.</param>
/// <param name="Memory">MiB: the tenant alone, with agents, when warm, at the end.</param>
internal sealed record HotFigures(
    Latency Writes,
    int Refused,
    Latency Arrivals,
    int Merged,
    TimeSpan Elapsed,
    TimeSpan Rest,
    Counters Counted,
    RuntimeUsage Runtime,
    TimeSpan Silo,
    TimeSpan Generator,
    IReadOnlyList<double> Memory)
{
    public string Table(HotTenantPlan plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {(plan.World.Tenants == 1 ? "One tenant" : $"{plan.World.Tenants} tenants, each")} with {plan.World.Policies:n0} policies on {plan.World.Nodes:n0} nodes; {plan.Rate:n0} endpoint changes a second for {plan.Duration.TotalSeconds:0} s, each of concern to all nodes of its tenant. {(plan.Silos == 1 ? "One silo on SQLite" : $"{plan.Silos} silos on Redis")}; agents in one other process, on the same cores. Every agent's state was compared with a fresh compile.

        | | |
        |---|--:|
        | changes written, refused | {Writes.Count:n0}, {Refused:n0} |
        | write: intended start to durable; p50, p99, max ms | {Three(Writes)} |
        | propagation: intended start until the last agent concerned holds it; p50, p99, max ms ({Arrivals.Count:n0} changes; {Merged:n0} were undone on the way) | {Three(Arrivals)} |
        | after the last write, until all agents are in sync | {Rest.TotalMilliseconds:f0} ms |
        | updates to agents, for each agent a second, bytes of resources in them | {Counted.Updates:n0}, {Counted.Updates / Agents(plan) / Elapsed.TotalSeconds:f1}, {Counted.Bytes / (1 << 20):n0} MiB |
        | resources sent whole, as differences | {Counted.Whole:n0}, {Counted.Deltas:n0} |
        | row writes for each change | {Counted.RowWrites / Writes.Count:f2} |
        | processor, cores: silos, the generator and its agents | {Silo / Elapsed:f2}, {Generator / Elapsed:f2} |
        | silos' processor for each change, and for each update | {Silo.TotalMilliseconds / Writes.Count:f2} ms, {Silo.TotalMicroseconds / Counted.Updates:f0} µs |
        | collections of silos' generations 0, 1, 2; share of the time in pauses; allocated | {Runtime.Gen0:f0}, {Runtime.Gen1:f0}, {Runtime.Gen2:f0}; {Runtime.PauseSeconds / plan.Silos / Elapsed.TotalSeconds:p1}; {Runtime.AllocatedBytes / (1 << 20):n0} MiB |
        | silos' memory (RSS): tenants alone, with the agents, after warm-up, at the end | {string.Join(", ", Memory.Select(one => one.ToString("f0", CultureInfo.InvariantCulture)))} MiB |
        | of it for each agent | {(Memory[1] - Memory[0]) * 1024 / Agents(plan):f0} KiB |
        """);

    private static int Agents(HotTenantPlan plan) => plan.World.Tenants * plan.World.Nodes;

    private static string Three(Latency latency) => latency.Columns("f1").Replace(" |", ",", StringComparison.Ordinal);
}
