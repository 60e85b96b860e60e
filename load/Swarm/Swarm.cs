using System.Collections.Concurrent;
using Vallum.Swarm.Held;

namespace Vallum.Swarm;

/// <summary>Agents without kernels, as many as fit: they hold what they are told, check it, and acknowledge.</summary>
public sealed class Swarm : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly ConcurrentDictionary<string, int> _ends = [];
    private Task _running = Task.CompletedTask;

    private Swarm(SwarmOptions options, ISwarmObserver? observer, TimeProvider time)
    {
        (Options, Observer, Time) = (options, observer, time);
        Later = new DelayLine(time);
        Doors = new SemaphoreSlim(options.Connecting);
    }

    public SwarmOptions Options { get; }

    public IReadOnlyList<SwarmAgent> Agents { get; private set; } = [];

    public ResourcePool Pool { get; } = new();

    /// <summary>Promises of agent.proto that were not kept; each is a fault of the silo, or of this.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    /// <summary>Why streams and lanes ended, and how often.</summary>
    public IReadOnlyDictionary<string, int> Ends => _ends;

    public int Synced => Agents.Count(agent => agent.IsSynced);

    internal ISwarmObserver? Observer { get; }

    internal TimeProvider Time { get; }

    internal DelayLine Later { get; }

    internal SemaphoreSlim Doors { get; }

    /// <summary>Returns at once; see <see cref="SyncedAsync"/>.</summary>
    /// <param name="nodes">One agent each.</param>
    public static Swarm Connect(SwarmOptions options, IEnumerable<string> nodes, ISwarmObserver? observer = null)
    {
        var swarm = new Swarm(options, observer, TimeProvider.System);
        swarm.Start(nodes);
        return swarm;
    }

    /// <summary>Every agent has taken a whole snapshot on the stream that it has now.</summary>
    /// <exception cref="TimeoutException">Not in time; says how many have, and why streams ended.</exception>
    public async Task SyncedAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        var start = Time.GetTimestamp();
        while (Synced is var synced && synced < Agents.Count)
        {
            if (Time.GetElapsedTime(start) > within)
            {
                throw new TimeoutException($"{synced} of {Agents.Count} agents are in sync after {within.TotalSeconds:0} s; {string.Join("; ", Ends.Select(end => $"{end.Key}: {end.Value}"))}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), Time, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Later.DisposeAsync();
        Doors.Dispose();
        _leaving.Dispose();
    }

    /// <summary>A random part of <see cref="SwarmOptions.ReconnectWithin"/>.</summary>
    internal TimeSpan Spread() => Options.ReconnectWithin * Random.Shared.NextDouble();

    internal void Fault(string words) => _faults.Enqueue(words);

    internal void NoteEnd(string? status, string? words) => NoteFailure($"{status ?? "no status"} {words}");

    internal void NoteFailure(string words)
    {
        if (!_leaving.IsCancellationRequested)
        {
            _ends.AddOrUpdate(words, 1, (_, count) => count + 1);
        }
    }

    private void Start(IEnumerable<string> nodes)
    {
        var agents = new List<SwarmAgent>();
        var lanes = new List<Lane>();
        foreach (var node in nodes)
        {
            if (agents.Count % Options.StreamsPerConnection == 0)
            {
                lanes.Add(new Lane(this, lanes.Count));
            }

            var agent = new SwarmAgent(this, lanes[^1], node, ReadingOf(agents.Count));
            lanes[^1].Add(agent);
            agents.Add(agent);
        }

        Agents = agents;
        _running = Task.WhenAll(lanes.Select(lane => lane.RunAsync(_leaving.Token)));
    }

    private Reading ReadingOf(int number) => (number % 100) switch
    {
        var place when place < Options.SlowPercent => Reading.Slow,
        var place when place < Options.SlowPercent + Options.DeadPercent => Reading.Dead,
        _ => Reading.Prompt,
    };
}
