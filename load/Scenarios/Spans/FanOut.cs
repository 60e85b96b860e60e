using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Contracts.Api.V1;
using Vallum.Scenarios.Grounds;
using Vallum.Swarm;
using Vallum.Workloads;

namespace Vallum.Scenarios.Spans;

/// <summary>
/// An endpoint comes, or goes, that every connected agent has to know of: until the last of them holds the change. The agents are a swarm of this process
/// that acknowledges at once.
/// </summary>
public sealed class FanOut : Scenario
{
    private const int Callers = 4_000;
    private static readonly TimeSpan SyncedWithin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ArrivesWithin = TimeSpan.FromSeconds(30);

    private readonly Arrivals _arrivals = new();
    private readonly ConcurrentQueue<FanOutTimes> _times = [];
    private readonly bool[] _isThere = new bool[Callers];
    private GrpcChannel? _channel;
    private ResourceService.ResourceServiceClient _resources = null!;
    private SpanWorld _world = null!;
    private Swarm.Swarm? _swarm;

    public override string Name => "fan-out";

    public override string Summary => "an endpoint comes or goes: from the call until every connected agent holds it";

    /// <summary>What each operation took, in the order in which they ended.</summary>
    public IReadOnlyCollection<FanOutTimes> Times => _times;

    /// <summary>Agents that share a connection; 1: each has its own.</summary>
    public int StreamsPerConnection { get; init; } = 400;

    public void Forget() => _times.Clear();

    public override async Task PrepareAsync(Ground ground, CancellationToken cancellationToken)
    {
        await ApplyAsync(ground, cancellationToken);
        await ConnectAsync(ground, cancellationToken);
    }

    /// <summary>The first half of the preparation: everything is there but the agents.</summary>
    public async Task ApplyAsync(Ground ground, CancellationToken cancellationToken)
    {
        var sizes = ground.Sizes;
        var nodes = Enumerable.Range(0, sizes.Agents).Select(number => $"node-{number}").ToList();
        var shape = new Shape("others", Math.Max(1, sizes.Tenants), sizes.EndpointsPerTenant, sizes.PoliciesPerTenant, sizes.Agents, 2, PolicyPattern.Isolated);
        _world = new SpanWorld(nodes, sizes.Tenants > 0 ? new World(shape, ground.Seed) : null);
        _channel = ground.Open(0);
        _resources = new ResourceService.ResourceServiceClient(_channel);
        foreach (var call in _world.Calls())
        {
            await _resources.ApplyAsync(new ApplyRequest { Objects = { call } }, cancellationToken: cancellationToken);
        }
    }

    /// <summary>The second half: returns when all agents are in sync.</summary>
    public async Task ConnectAsync(Ground ground, CancellationToken cancellationToken)
    {
        var options = new SwarmOptions { Servers = [.. ground.Silos.Select(SwarmServers.Of)], StreamsPerConnection = StreamsPerConnection };
        _swarm = Swarm.Swarm.Connect(options, _world.Nodes, _arrivals);
        await _swarm.SyncedAsync(SyncedWithin, cancellationToken);
    }

    public override async Task<Outcome> RunOnceAsync(long number, CancellationToken cancellationToken)
    {
        var caller = (int)(number % Callers);
        var comes = number / Callers % 2 == 0;
        var address = SpanWorld.AddressOf(caller);
        var arrival = _arrivals.Expect(address, comes, _swarm!.Agents.Count);
        var called = Stopwatch.GetTimestamp();
        try
        {
            var request = new ApplyRequest();
            if (comes)
            {
                request.Objects.Add(SpanWorld.Caller(caller));
            }
            else
            {
                request.Deletes.Add(SpanWorld.NameOf(caller));
            }

            await _resources.ApplyAsync(request, cancellationToken: cancellationToken);
            var answered = Stopwatch.GetTimestamp();
            _isThere[caller] = comes;
            await arrival.All.WaitAsync(ArrivesWithin, cancellationToken);
            _times.Enqueue(new FanOutTimes(called, answered, arrival.At.First, arrival.At.Last));
            return Outcome.Done;
        }
        catch (RpcException exception)
        {
            return Outcome.Failed(exception);
        }
        catch (TimeoutException)
        {
            return new Outcome("", $"NotArrived{arrival.Left}");
        }
        finally
        {
            _arrivals.Forget(address, comes);
        }
    }

    public override async Task<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken)
    {
        var callers = Enumerable.Range(0, Callers).Where(caller => _isThere[caller]).Select(SpanWorld.Caller).Chunk(1_000);
        return [.. await FreshSwarm.DifferencesAsync(_swarm!.Agents, _world.Calls().Concat(callers), cancellationToken), .. _swarm.Faults.Take(5)];
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_swarm is not null)
        {
            await _swarm.DisposeAsync();
        }

        _channel?.Dispose();
    }
}

/// <summary>Timestamps of <see cref="Stopwatch"/> of one change.</summary>
/// <param name="Answered">The call has come back: the change is durable and compiled.</param>
/// <param name="First">The first agent holds it.</param>
/// <param name="Last">The last agent holds it.</param>
public readonly record struct FanOutTimes(long Called, long Answered, long First, long Last)
{
    public TimeSpan FromCall => Stopwatch.GetElapsedTime(Called, Last);

    /// <summary>Zero: the last agent held it before the caller was answered.</summary>
    public TimeSpan FromAnswer => Last > Answered ? Stopwatch.GetElapsedTime(Answered, Last) : TimeSpan.Zero;

    public TimeSpan FirstToLast => Stopwatch.GetElapsedTime(First, Last);
}
