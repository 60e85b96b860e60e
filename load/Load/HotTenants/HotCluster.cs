using Vallum.Chaos.Processes;
using Vallum.Load.Running;
using Vallum.Load.Storms;

namespace Vallum.Load.HotTenants;

/// <summary>Several silos that share a redis-server.</summary>
internal sealed class HotCluster : IHotSilos
{
    private readonly SiloCluster _cluster;

    private HotCluster(SiloCluster cluster) => _cluster = cluster;

    public IReadOnlyList<string> Addresses => [.. _cluster.Addresses.Select(address => address.OriginalString)];

    public SiloUsage Usage => _cluster.Silos.Select(silo => SiloUsage.Of(silo.ProcessId ?? throw new InvalidOperationException($"silo {silo.Number} has ended")))
        .Aggregate((sum, one) => new SiloUsage(sum.Processor + one.Processor, sum.Memory + one.Memory));

    public static async Task<HotCluster> StartAsync(int silos, CancellationToken cancellationToken)
    {
        // A line for each change would be what is measured.
        Environment.SetEnvironmentVariable("Logging__LogLevel__Vallum", "Warning");
        return new HotCluster(await SiloCluster.StartAsync(Backend.Redis, silos, cancellationToken));
    }

    public async Task<(Counters Counters, RuntimeUsage Runtime)> CountersAsync(CancellationToken cancellationToken)
    {
        var metrics = await Task.WhenAll(_cluster.Silos.Select(silo => silo.MetricsAsync(cancellationToken)));
        var all = string.Join('\n', metrics);
        return (Counters.Parse(all), RuntimeUsage.Parse(all));
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Directory.Delete(_cluster.Folder, recursive: true);
    }
}
