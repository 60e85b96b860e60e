using System.Diagnostics;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Chaos.Judging;
using Vallum.Contracts.Api.V1;
using Vallum.Load.Measuring;
using Vallum.Load.Storms;

namespace Vallum.Load.HotTenants;

/// <param name="Silos">1: one, on SQLite; more: on Redis.</param>
/// <param name="World">Each change concerns all nodes of its tenant.</param>
/// <param name="Rate">Endpoint changes each second, whatever their answers take.</param>
internal sealed record HotTenantPlan(int Silos, HotWorld World, int Rate, TimeSpan Duration);

/// <summary>Endpoints that change all the time: faster than their nodes can be told of each, or for long.</summary>
internal sealed class HotTenant(HotTenantPlan plan, TextWriter progress)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly (long Revision, string Role)[] _callers = new (long, string)[plan.World.Callers];
    private readonly Dictionary<string, long> _latest = [];
    private readonly Latency _writes = new();
    private int _refused;

    private HotWorld World => plan.World;

    /// <exception cref="InvalidOperationException">An agent holds something else than a fresh compile gives.</exception>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        var warming = (int)(plan.Rate * WarmUp.TotalSeconds);
        var measured = (int)(plan.Rate * plan.Duration.TotalSeconds);
        var arrivals = new Arrivals(World.Callers, World.Nodes, warming + measured);
        await using IHotSilos silos = plan.Silos == 1 ? await HotSilo.StartAsync(cancellationToken) : await HotCluster.StartAsync(plan.Silos, cancellationToken);
        using var api = new HotApi(silos.Addresses);
        await BeginAsync(api, cancellationToken);
        var resting = silos.Usage;
        await progress.WriteLineAsync($"what does not change is there: {resting.Memory:f0} MiB");
        await using var fleet = HotFleet.Connect(silos.Addresses, World.NodeNames, arrivals);
        await RealizedAsync(api, cancellationToken);
        var connected = silos.Usage;
        await WriteAsync(api, arrivals, 0, warming, cancellationToken);
        await RealizedAsync(api, cancellationToken);
        (_refused, var before, var usage, var own) = (0, await silos.CountersAsync(cancellationToken), silos.Usage, SiloUsage.Of(Environment.ProcessId));
        _writes.Clear();
        await progress.WriteLineAsync($"{fleet.Agents.Length} agents are in sync: {connected.Memory:f0} MiB, {usage.Memory:f0} MiB when warm");

        var watch = Stopwatch.StartNew();
        await WriteAsync(api, arrivals, warming, measured, cancellationToken);
        var written = watch.Elapsed;
        await RealizedAsync(api, cancellationToken);
        var (counters, runtime) = await silos.CountersAsync(cancellationToken);
        var figures = new HotFigures(
            _writes,
            _refused,
            arrivals.Latency(warming),
            arrivals.Merged,
            watch.Elapsed,
            watch.Elapsed - written,
            counters - before.Counters,
            runtime - before.Runtime,
            silos.Usage.Processor - usage.Processor,
            SiloUsage.Of(Environment.ProcessId).Processor - own.Processor,
            [resting.Memory, connected.Memory, usage.Memory, silos.Usage.Memory]);
        await fleet.StopAsync();
        await JudgeAsync(fleet, cancellationToken);
        return figures.Table(plan);
    }

    private async Task BeginAsync(HotApi api, CancellationToken cancellationToken)
    {
        foreach (var part in World.Begin())
        {
            Note(await api.ApplyAsync(0, part, cancellationToken));
        }
    }

    /// <summary>Open: the next change does not wait for the last one's answer, and is late from when it should have begun.</summary>
    private async Task WriteAsync(HotApi api, Arrivals arrivals, int first, int count, CancellationToken cancellationToken)
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
            open.Add(ChangeAsync(api, first + number, intended, cancellationToken));
        }

        await Task.WhenAll(open);
    }

    /// <summary>Each caller comes and goes as a member of the group that all nodes of its tenant know.</summary>
    private async Task ChangeAsync(HotApi api, int number, long intended, CancellationToken cancellationToken)
    {
        var (caller, role) = (number % World.Callers, Arrivals.Joins(number, World.Callers) ? "client" : "guest");
        try
        {
            var revision = Note(await api.ApplyAsync(number, [World.Caller(caller, role)], cancellationToken));
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

    private async Task RealizedAsync(HotApi api, CancellationToken cancellationToken)
    {
        var request = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(Patience), Revisions = { _latest } };
        var answer = await api.Status.WaitRealizedAsync(request, cancellationToken: cancellationToken);
        if (!answer.Realized)
        {
            throw new TimeoutException($"the last change is not realized after {Patience.TotalSeconds} s");
        }
    }

    /// <summary>Compares every agent with one of a silo that is told the end of it all in one go.</summary>
    private async Task JudgeAsync(HotFleet fleet, CancellationToken cancellationToken)
    {
        await using var fresh = await HotSilo.StartAsync(cancellationToken);
        using var api = new HotApi(fresh.Addresses);
        _latest.Clear();
        await BeginAsync(api, cancellationToken);
        foreach (var part in _callers.Index().Where(one => one.Item.Role is not null).Select(one => World.Caller(one.Index, one.Item.Role)).Chunk(1_000))
        {
            Note(await api.ApplyAsync(0, part, cancellationToken));
        }

        await using var wanted = HotFleet.Connect(fresh.Addresses, World.NodeNames, new Arrivals(World.Callers, World.Nodes, 0));
        await RealizedAsync(api, cancellationToken);
        await wanted.StopAsync();
        var differences = fleet.Agents.Zip(wanted.Agents, (held, one) => StateDifference.Of(held.Node, held.State(), one.State())).SelectMany(one => one).Take(10).ToList();
        if (differences.Count > 0 || fleet.Faults > 0)
        {
            throw new InvalidOperationException($"{fleet.Faults} promises of the protocol were broken; {string.Join("; ", differences)}");
        }
    }

    private long Note(ApplyResponse applied)
    {
        lock (_writes)
        {
            foreach (var (scope, revision) in applied.Revisions.Select(one => (one.Scope, one.Revision)))
            {
                _latest[scope] = Math.Max(_latest.GetValueOrDefault(scope), revision);
            }
        }

        return applied.Revisions.Max(one => one.Revision);
    }
}
