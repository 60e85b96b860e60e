using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Chaos.Judging;
using Vallum.Contracts.Api.V1;
using Vallum.Load.Measuring;
using Vallum.Load.Storms;
using Vallum.Load.Worlds;

namespace Vallum.Load.HotTenants;

/// <param name="Nodes">Each has an endpoint of the segment, and so every change concerns all of them.</param>
/// <param name="Rate">Endpoint changes each second, whatever their answers take.</param>
internal sealed record HotTenantPlan(int Policies, int Nodes, int Rate, TimeSpan Duration);

/// <summary>One tenant with everything, and endpoints that change faster than its nodes can be told of each.</summary>
internal sealed class HotTenant(HotTenantPlan plan, TextWriter progress)
{
    private const int Callers = 1_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<string> _nodes = [.. Enumerable.Range(0, plan.Nodes).Select(index => $"node-{index}")];
    private readonly (long Revision, string Role)[] _callers = new (long, string)[Callers];
    private readonly Latency _writes = new();
    private long _latest;
    private int _refused;

    /// <exception cref="InvalidOperationException">An agent holds something else than a fresh compile gives.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var warming = (int)(plan.Rate * WarmUp.TotalSeconds);
        var measured = (int)(plan.Rate * plan.Duration.TotalSeconds);
        var arrivals = new Arrivals(Callers, plan.Nodes, warming + measured);
        await using var silo = await HotSilo.StartAsync(cancellationToken);
        await BeginAsync(silo, cancellationToken);
        var resting = silo.Usage;
        await progress.WriteLineAsync($"the tenant is there: {resting.Memory:f0} MiB");
        await using var fleet = HotFleet.Connect(silo.Address, _nodes, arrivals);
        await RealizedAsync(silo, cancellationToken);
        var connected = silo.Usage;
        await WriteAsync(silo, arrivals, 0, warming, cancellationToken);
        await RealizedAsync(silo, cancellationToken);
        (_refused, var before, var usage, var own) = (0, await silo.CountersAsync(cancellationToken), silo.Usage, SiloUsage.Of(Environment.ProcessId));
        _writes.Clear();
        await progress.WriteLineAsync($"{plan.Nodes} agents are in sync: {connected.Memory:f0} MiB, {usage.Memory:f0} MiB when warm");

        var watch = Stopwatch.StartNew();
        await WriteAsync(silo, arrivals, warming, measured, cancellationToken);
        var written = watch.Elapsed;
        await RealizedAsync(silo, cancellationToken);
        var (counters, runtime) = await silo.CountersAsync(cancellationToken);
        var figures = new HotFigures(
            _writes,
            _refused,
            arrivals.Latency(warming),
            arrivals.Merged,
            watch.Elapsed,
            watch.Elapsed - written,
            counters - before.Counters,
            runtime - before.Runtime,
            silo.Usage.Processor - usage.Processor,
            SiloUsage.Of(Environment.ProcessId).Processor - own.Processor,
            [resting.Memory, connected.Memory, usage.Memory, silo.Usage.Memory]);
        await fleet.StopAsync();
        await JudgeAsync(fleet, cancellationToken);
        return figures.Table(plan);
    }

    private async Task BeginAsync(HotSilo silo, CancellationToken cancellationToken)
    {
        await ApplyAsync(silo, World.Hot(_nodes), cancellationToken);
        await ApplyAsync(silo, World.Endpoints(Shape.Elsewhere, _nodes), cancellationToken);
        await ApplyAsync(silo, World.Policies(Shape.Elsewhere, 0, plan.Policies), cancellationToken);
    }

    private async Task ApplyAsync(HotSilo silo, IEnumerable<Contracts.Api.V1.Object> objects, CancellationToken cancellationToken)
    {
        foreach (var batch in objects.Chunk(1000))
        {
            Note(await silo.Resources.ApplyAsync(new ApplyRequest { Objects = { batch } }, cancellationToken: cancellationToken));
        }
    }

    /// <summary>Open: the next change does not wait for the last one's answer, and is late from when it should have begun.</summary>
    private async Task WriteAsync(HotSilo silo, Arrivals arrivals, int first, int count, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var open = new List<Task>();
        for (var number = 0; number < count; number++)
        {
            var intended = start + (long)(number * (double)Stopwatch.Frequency / plan.Rate);
            var wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), intended);
            if (wait > TimeSpan.FromMilliseconds(1))
            {
                await Task.Delay(wait, cancellationToken);
                open.RemoveAll(task => task.IsCompletedSuccessfully);
            }

            arrivals.Begin(first + number, intended);
            open.Add(ChangeAsync(silo, first + number, intended, cancellationToken));
        }

        await Task.WhenAll(open);
    }

    /// <summary>Each caller comes and goes as a member of the group that all nodes know.</summary>
    private async Task ChangeAsync(HotSilo silo, int number, long intended, CancellationToken cancellationToken)
    {
        var (caller, role) = (number % Callers, Arrivals.Joins(number, Callers) ? "client" : "guest");
        try
        {
            var revision = Note(await silo.Resources.ApplyAsync(new ApplyRequest { Objects = { World.Caller(caller, role) } }, cancellationToken: cancellationToken));
            lock (_writes)
            {
                _writes.AddSince(intended);
                _callers[caller] = _callers[caller].Revision < revision ? (revision, role) : _callers[caller];
            }
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.ResourceExhausted)
        {
            Interlocked.Increment(ref _refused);
        }
    }

    private async Task RealizedAsync(HotSilo silo, CancellationToken cancellationToken)
    {
        var request = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(Patience), Revisions = { [World.Tenant] = _latest } };
        var answer = await silo.Status.WaitRealizedAsync(request, cancellationToken: cancellationToken);
        if (!answer.Realized)
        {
            throw new TimeoutException($"revision {_latest} is not realized after {Patience.TotalSeconds} s");
        }
    }

    /// <summary>Compares every agent with one of a silo that is told the end of it all in one go.</summary>
    private async Task JudgeAsync(HotFleet fleet, CancellationToken cancellationToken)
    {
        await using var fresh = await HotSilo.StartAsync(cancellationToken);
        await BeginAsync(fresh, cancellationToken);
        await ApplyAsync(fresh, _callers.Index().Where(one => one.Item.Role is not null).Select(one => World.Caller(one.Index, one.Item.Role)), cancellationToken);
        _latest = (await fresh.Status.GetTenantStatusAsync(new GetTenantStatusRequest { Name = World.Tenant }, cancellationToken: cancellationToken)).Revision;
        await using var wanted = HotFleet.Connect(fresh.Address, _nodes, new Arrivals(Callers, plan.Nodes, 0));
        await RealizedAsync(fresh, cancellationToken);
        await wanted.StopAsync();
        var differences = fleet.Agents.Zip(wanted.Agents, (held, one) => StateDifference.Of(held.Node, held.State(), one.State())).SelectMany(one => one).Take(10).ToList();
        if (differences.Count > 0 || fleet.Faults > 0)
        {
            throw new InvalidOperationException($"{fleet.Faults} promises of the protocol were broken; {string.Join("; ", differences)}");
        }
    }

    private long Note(ApplyResponse applied)
    {
        var revision = applied.Revisions.Where(one => one.Scope == World.Tenant).Select(one => one.Revision).DefaultIfEmpty(0).Max();
        lock (_writes)
        {
            _latest = Math.Max(_latest, revision);
        }

        return revision;
    }
}
