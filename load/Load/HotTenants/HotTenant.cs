using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Contracts.Api.V1;
using Vallum.Load.Measuring;
using Vallum.Load.Running;
using Vallum.Load.Worlds;

namespace Vallum.Load.HotTenants;

/// <param name="Nodes">Each has an endpoint of the segment, and so every change concerns all of them.</param>
/// <param name="Rate">Endpoint changes each second, whatever their answers take.</param>
internal sealed record HotTenantPlan(int Policies, int Nodes, int Rate, TimeSpan Duration);

/// <summary>One tenant with everything, and endpoints that change faster than its nodes can be told of each.</summary>
internal sealed class HotTenant(HotTenantPlan plan, TextWriter progress)
{
    private const int Callers = 1_000;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Latency _writes = new();
    private readonly Latency _propagation = new();
    private long _latest;
    private int _refused;

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        await using var silo = await HotSilo.StartAsync(cancellationToken);
        List<string> nodes = [.. Enumerable.Range(0, plan.Nodes).Select(index => $"node-{index}")];
        await ApplyAsync(silo, World.Hot(nodes), cancellationToken);
        await ApplyAsync(silo, World.Endpoints(Shape.Elsewhere, nodes), cancellationToken);
        await ApplyAsync(silo, World.Policies(Shape.Elsewhere, 0, plan.Policies), cancellationToken);
        var resting = silo.Memory;
        await progress.WriteLineAsync($"the tenant is there: {resting >> 20} MiB");
        await using var fleet = HotFleet.Connect(silo.Address, nodes);
        await RealizedAsync(silo, _latest, cancellationToken);
        var connected = silo.Memory;
        await WriteAsync(silo, plan with { Duration = WarmUp }, Stopwatch.GetTimestamp(), cancellationToken);
        await RealizedAsync(silo, _latest, cancellationToken);
        _writes.Clear();
        _refused = 0;
        var before = await silo.CountersAsync(cancellationToken);
        await progress.WriteLineAsync($"{plan.Nodes} agents are in sync: {connected >> 20} MiB");

        var start = Stopwatch.GetTimestamp();
        var looking = LookAsync(silo, start, cancellationToken);
        await WriteAsync(silo, plan, start, cancellationToken);
        var peak = await looking;
        var drained = Stopwatch.GetTimestamp();
        await RealizedAsync(silo, _latest, cancellationToken);
        var rest = Stopwatch.GetElapsedTime(drained);
        var counted = await silo.CountersAsync(cancellationToken) - before;
        return Table(resting, connected, Math.Max(peak, silo.Memory), counted, rest, fleet.Faults);
    }

    private string Table(long resting, long connected, long peak, Counters counted, TimeSpan rest, int faults) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {plan.Policies:n0} policies, {plan.Nodes:n0} nodes, {plan.Rate:n0} endpoint changes a second for {plan.Duration.TotalSeconds:0} s, each of concern to all nodes. One silo process; agents in another, on the same machine.

        | | |
        |---|--:|
        | changes written, refused | {_writes.Count:n0}, {_refused:n0} |
        | write: API call to durable; p50, p99, max ms | {Three(_writes)} |
        | propagation: API call until the last agent has acked; p50, p99, max ms ({_propagation.Count:n0} looks) | {Three(_propagation)} |
        | after the last write, until all agents are in sync | {rest.TotalMilliseconds:f0} ms |
        | updates to agents, and bytes of resources in them | {counted.Updates:n0}, {counted.Bytes / (1 << 20):n0} MiB |
        | resources sent whole, as differences | {counted.Whole:n0}, {counted.Deltas:n0} |
        | silo's memory (RSS): the tenant alone, with the agents, most while it changed | {resting >> 20} MiB, {connected >> 20} MiB, {peak >> 20} MiB |
        | of it for each agent | {(connected - resting) / plan.Nodes >> 10} KiB |
        | promises that agents found broken | {faults} |
        """);

    private static string Three(Latency latency) => latency.Columns("f0").Replace(" |", ",", StringComparison.Ordinal);

    private async Task ApplyAsync(HotSilo silo, IEnumerable<Contracts.Api.V1.Object> objects, CancellationToken cancellationToken)
    {
        foreach (var batch in objects.Chunk(1000))
        {
            Note(await silo.Resources.ApplyAsync(new ApplyRequest { Objects = { batch } }, cancellationToken: cancellationToken));
        }
    }

    /// <summary>Open: the next change does not wait for the last one's answer.</summary>
    private async Task WriteAsync(HotSilo silo, HotTenantPlan plan, long start, CancellationToken cancellationToken)
    {
        var open = new List<Task>();
        var count = (int)(plan.Rate * plan.Duration.TotalSeconds);
        for (var number = 0; number < count; number++)
        {
            var wait = TimeSpan.FromSeconds((double)number / plan.Rate) - Stopwatch.GetElapsedTime(start);
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait, cancellationToken);
                open.RemoveAll(task => task.IsCompletedSuccessfully);
            }

            open.Add(ChangeAsync(silo, number, cancellationToken));
        }

        await Task.WhenAll(open);
    }

    private async Task ChangeAsync(HotSilo silo, int number, CancellationToken cancellationToken)
    {
        // Each caller comes and goes as a member of the group that all nodes know.
        var role = number / Callers % 2 == 0 ? "client" : "guest";
        var begun = Stopwatch.GetTimestamp();
        try
        {
            Note(await silo.Resources.ApplyAsync(new ApplyRequest { Objects = { World.Caller(number % Callers, role) } }, cancellationToken: cancellationToken));
            lock (_writes)
            {
                _writes.AddSince(begun);
            }
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted)
        {
            Interlocked.Increment(ref _refused);
        }
    }

    /// <summary>Asks for the newest revision, again and again; answers the most memory that it saw.</summary>
    private async Task<long> LookAsync(HotSilo silo, long start, CancellationToken cancellationToken)
    {
        var peak = 0L;
        while (Stopwatch.GetElapsedTime(start) < plan.Duration)
        {
            var begun = Stopwatch.GetTimestamp();
            await RealizedAsync(silo, Interlocked.Read(ref _latest), cancellationToken);
            _propagation.AddSince(begun);
            peak = Math.Max(peak, silo.Memory);
            await Task.Delay(BetweenLooks, cancellationToken);
        }

        return peak;
    }

    private static async Task RealizedAsync(HotSilo silo, long revision, CancellationToken cancellationToken)
    {
        var request = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(Patience), Revisions = { [World.Tenant] = revision } };
        var answer = await silo.Status.WaitRealizedAsync(request, cancellationToken: cancellationToken);
        if (!answer.Realized)
        {
            throw new TimeoutException($"revision {revision} is not realized after {Patience.TotalSeconds} s");
        }
    }

    private void Note(ApplyResponse applied)
    {
        var revision = applied.Revisions.Where(one => one.Scope == World.Tenant).Select(one => one.Revision).DefaultIfEmpty(0).Max();
        lock (_writes)
        {
            _latest = Math.Max(_latest, revision);
        }
    }
}
