using System.Diagnostics;
using Vallum.Chaos.Agents;
using Vallum.Chaos.Processes;
using Vallum.Chaos.Worlds;
using Vallum.Chaos.Writing;
using Vallum.Contracts.Api.V1;

namespace Vallum.Load.Outages;

/// <summary>A cluster of three silos with its agents, tenants that change on their nodes, and tenants that are only written to.</summary>
internal sealed class OutageSite : IAsyncDisposable
{
    private const int Silos = 3;
    private const int Pulses = 12;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly CancellationTokenSource _ending = new();
    private readonly List<TenantWriter> _writers;
    private readonly List<Task> _running = [];
    private readonly int[] _wanted;
    private readonly TimeSpan _pace;
    private readonly World _world;
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OutageSite(SiloCluster cluster, World world, TimeSpan pace)
    {
        _pace = pace;
        _world = world;
        Cluster = cluster;
        Fleet = new Fleet(world, cluster.Addresses);
        _writers = [.. Enumerable.Range(0, world.Tenants).Select(tenant => new TenantWriter(world, new Journal(tenant), cluster.Addresses, "outage"))];
        PulseWriters = [.. Enumerable.Range(0, Pulses).Select(number => new PulseWriter(number, cluster.Addresses))];
        _wanted = new int[world.Tenants];
        Lags = [.. _writers.Select(_ => new UpdateLag())];
        foreach (var (tenant, writer) in _writers.Index())
        {
            writer.Answered = Lags[tenant].Answered;
        }

        var tenants = Enumerable.Range(0, world.Tenants).ToDictionary(World.ShortName);
        foreach (var agent in Fleet.Agents)
        {
            agent.Arrived = (tenant, before, at, when) => Lags[tenants[tenant]].Arrived(before, at, when);
        }
    }

    public SiloCluster Cluster { get; }

    public Fleet Fleet { get; }

    public IReadOnlyList<PulseWriter> PulseWriters { get; }

    public IReadOnlyList<UpdateLag> Lags { get; }

    /// <summary>Returns when every agent is in sync.</summary>
    /// <param name="pace">Between two changes of a tenant with nodes.</param>
    public static async Task<OutageSite> StartAsync(Backend backend, World world, TimeSpan pace, CancellationToken cancellationToken)
    {
        var site = new OutageSite(await SiloCluster.StartAsync(backend, Silos, cancellationToken), world, pace);
        try
        {
            using (var api = new ApiClient(site.Cluster.Addresses, 0))
            {
                await api.ApplyAsync(new ApplyRequest { Objects = { world.Cluster() }, RequestId = "begin" }, cancellationToken);
            }

            await Task.WhenAll(site._writers.Select(writer => writer.BeginAsync(cancellationToken)));
            site.Fleet.Start();
            site._running.AddRange(site._writers.Select(site.WriteAsync));
            site._running.AddRange(site.PulseWriters.Select(pulse => pulse.RunAsync(site._ending.Token)));
            await site.InSyncAsync(cancellationToken);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every agent is at the silo of its own choice, and nothing is under way.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        await Cluster.ReadyAsync(cancellationToken);
        // Those that are down may still be in the others' memory.
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        Fleet.GoHome();
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        await InSyncAsync(cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
    }

    /// <summary>From now until every agent is connected and has a change of each of its tenants that was asked for after the call.</summary>
    /// <exception cref="TimeoutException">Some have not; the message names one.</exception>
    public async Task<TimeSpan> InSyncAsync(CancellationToken cancellationToken) => (await ArrivalsAsync(cancellationToken)).Max();

    /// <summary>The same for each agent.</summary>
    public async Task<IReadOnlyList<TimeSpan>> ArrivalsAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var wanted = _writers.Index().ToDictionary(one => World.ShortName(one.Index), one => AskForMore(one.Index));
        Interlocked.Exchange(ref _asked, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        var arrivals = new List<TimeSpan>(Fleet.Agents.Count);
        var behind = Enumerable.Range(0, Fleet.Agents.Count).ToList();
        while (behind.Count > 0)
        {
            var elapsed = Stopwatch.GetElapsedTime(start);
            arrivals.AddRange(Enumerable.Repeat(elapsed, behind.RemoveAll(node => IsThere(node, wanted))));
            if (behind.Count > 0 && elapsed > Limit)
            {
                throw new TimeoutException($"not all agents were in sync again after {Limit}: {Fleet.Behind(wanted).FirstOrDefault()}");
            }

            await Task.Delay(10, cancellationToken);
        }

        return arrivals;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Fleet.DisposeAsync();
        _writers.ForEach(writer => writer.Dispose());
        foreach (var pulse in PulseWriters)
        {
            pulse.Dispose();
        }

        await Cluster.DisposeAsync();
        Directory.Delete(Cluster.Folder, recursive: true);
        _ending.Dispose();
    }

    private bool IsThere(int node, Dictionary<string, int> wanted) =>
        Fleet.Agents[node].ConnectedTo is not null &&
        _world.TenantsOf(node).Select(World.ShortName).All(tenant => Fleet.Agents[node].GenerationOf(tenant) >= wanted[tenant]);

    // One may be on its way; the one after it is not.
    private int AskForMore(int tenant) => _wanted[tenant] = _writers[tenant].Generation + 2;

    private async Task WriteAsync(TenantWriter writer, int tenant)
    {
        while (!_ending.IsCancellationRequested)
        {
            var asked = _asked.Task;
            await writer.WriteAsync(_ending.Token);
            if (writer.Generation >= _wanted[tenant])
            {
                await asked.WaitAsync(_pace, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
