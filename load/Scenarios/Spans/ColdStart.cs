using System.Diagnostics;
using Vallum.Chaos.Processes;
using Vallum.Contracts.Api.V1;
using Vallum.Scenarios.Grounds;
using Vallum.Swarm;
using Vallum.Workloads;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using World = Vallum.Workloads.World;

namespace Vallum.Scenarios.Spans;

/// <summary>
/// All silos are killed and started again, with everything durable and nothing in memory: until the last agent is in sync. The agents, a swarm of this
/// process, come back as soon as somebody listens.
/// </summary>
public sealed class ColdStart : Scenario
{
    private const int ObjectsOfCall = 1_000;
    private const int Calls = 8;
    private static readonly TimeSpan SyncedWithin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    private readonly List<ColdStartTimes> _times = [];
    private Ground _ground = null!;
    private World _world = null!;
    private Swarm.Swarm? _swarm;

    public override string Name => "cold-start";

    public override string Summary => "silos are killed and started again: until the last agent is in sync";

    /// <summary>False: the agents hold nothing either, and everything is sent.</summary>
    public bool AgentsKeepWhatTheyHold { get; set; } = true;

    /// <summary>What each start took.</summary>
    public IReadOnlyList<ColdStartTimes> Times => _times;

    public override IReadOnlyList<Figure> Figures =>
    [
        .. _times.TakeLast(1).SelectMany(times => (Figure[])
        [
            new Figure("ready", times.Ready.TotalMilliseconds, "ms"),
            new Figure("first agent in sync", times.First.TotalMilliseconds, "ms"),
            new Figure("half of the agents in sync", times.Half.TotalMilliseconds, "ms"),
            new Figure("all agents in sync", times.All.TotalMilliseconds, "ms"),
        ]),
    ];

    public override async Task PrepareAsync(Ground ground, CancellationToken cancellationToken)
    {
        var sizes = ground.Sizes;
        _ground = ground;
        _world = new World(
            new Shape("durable", sizes.Tenants, sizes.EndpointsPerTenant, sizes.PoliciesPerTenant, sizes.Nodes, 2, PolicyPattern.Isolated), ground.Seed);
        using var channel = ground.Open(0);
        var resources = new ResourceService.ResourceServiceClient(channel);
        await resources.ApplyAsync(new ApplyRequest { Objects = { _world.Nodes.Select(node => node.Message()) } }, cancellationToken: cancellationToken);
        await Parallel.ForEachAsync(
            Tenants(),
            new ParallelOptions { MaxDegreeOfParallelism = Calls, CancellationToken = cancellationToken },
            async (objects, stop) => await resources.ApplyAsync(new ApplyRequest { Objects = { objects } }, cancellationToken: stop));
        await ground.Progress.WriteLineAsync($"{_world.Shape.Endpoints:n0} endpoints and {_world.Shape.Policies:n0} policies of {_world.Shape.Tenants:n0} tenants are durable");
        var options = new SwarmOptions { Servers = [.. ground.Silos.Select(SwarmServers.Of)], StreamsPerConnection = 1, ReconnectWithin = TimeSpan.FromMilliseconds(100) };
        _swarm = Swarm.Swarm.Connect(options, _world.Nodes.Take(sizes.Agents).Select(node => node.Name.Value));
        await _swarm.SyncedAsync(SyncedWithin, cancellationToken);
        await ground.Progress.WriteLineAsync($"{sizes.Agents:n0} agents are in sync");
    }

    public override async Task<Outcome> RunOnceAsync(long number, CancellationToken cancellationToken)
    {
        var silos = _ground.Own?.Silos ?? throw new NotSupportedException("silos that run elsewhere are not killed");
        foreach (var silo in silos)
        {
            silo.Kill();
        }

        while (_swarm!.Synced > 0)
        {
            await Task.Delay(Look, cancellationToken);
        }

        if (!AgentsKeepWhatTheyHold)
        {
            foreach (var agent in _swarm.Agents)
            {
                agent.Forget();
            }
        }

        _times.Add(await StartAsync(silos, cancellationToken));
        return Outcome.Done;
    }

    public override async Task<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken) =>
        [.. await FreshSwarm.DifferencesAsync(_swarm!.Agents, Tenants().Prepend([.. _world.Nodes.Select(node => node.Message())]), cancellationToken), .. _swarm.Faults.Take(5)];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_swarm is not null)
        {
            await _swarm.DisposeAsync();
        }
    }

    private async Task<ColdStartTimes> StartAsync(IReadOnlyList<SiloServer> silos, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var silo in silos)
        {
            silo.Start();
        }

        var (first, half) = (TimeSpan.Zero, TimeSpan.Zero);
        var ready = ReadyAsync(silos[0], start, cancellationToken);
        var agents = _swarm!.Agents.Count;
        while (_swarm.Synced is var synced && synced < agents)
        {
            var elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed > SyncedWithin)
            {
                throw new TimeoutException($"{synced} of {agents} agents are in sync after {SyncedWithin.TotalSeconds} s; {string.Join("; ", _swarm.Ends.Take(5))}");
            }

            first = first == TimeSpan.Zero && synced > 0 ? elapsed : first;
            half = half == TimeSpan.Zero && synced >= agents / 2 ? elapsed : half;
            await Task.Delay(Look, cancellationToken);
        }

        var all = Stopwatch.GetElapsedTime(start);
        return new ColdStartTimes(await ready, first == TimeSpan.Zero ? all : first, half == TimeSpan.Zero ? all : half, all);
    }

    private static async Task<TimeSpan> ReadyAsync(SiloServer silo, long start, CancellationToken cancellationToken)
    {
        await silo.ReadyAsync(cancellationToken);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Whole tenants, many to a call.</summary>
    private IEnumerable<ApiObject[]> Tenants() =>
        _world.Tenants.Chunk(Math.Max(1, ObjectsOfCall / (2 + _world.Shape.EndpointsPerTenant + _world.Shape.PoliciesPerTenant)))
            .Select(tenants => tenants.SelectMany(tenant => tenant.Messages()).ToArray());
}

/// <summary>Since the processes were started.</summary>
/// <param name="Ready">The first silo says so.</param>
/// <param name="First">The first agent has all that its node should hold.</param>
public readonly record struct ColdStartTimes(TimeSpan Ready, TimeSpan First, TimeSpan Half, TimeSpan All);
