using System.Net;

namespace Vallum.Chaos.Processes;

/// <summary>Silos and what they share, in a folder of their own.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _supervising;

    private SiloCluster(string folder, RedisServer? redis, IReadOnlyList<SiloServer> silos)
    {
        (Folder, Redis, Silos) = (folder, redis, silos);
        _supervising = Task.WhenAll(silos.Select(silo => silo.SuperviseAsync(_ending.Token)));
    }

    /// <summary>Logs and data; whoever made the run decides whether it goes.</summary>
    public string Folder { get; }

    /// <summary>Null with SQLite.</summary>
    public RedisServer? Redis { get; }

    public IReadOnlyList<SiloServer> Silos { get; }

    public IReadOnlyList<Uri> Addresses => [.. Silos.Select(silo => silo.Address)];

    public static Task<SiloCluster> StartAsync(Backend backend, int silos, CancellationToken cancellationToken) =>
        StartAsync(backend, silos, gateways: false, cancellationToken);

    /// <param name="gateways">Each silo has one, for Orleans clients.</param>
    public static async Task<SiloCluster> StartAsync(Backend backend, int silos, bool gateways, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("vallum-chaos-").FullName;
        var ports = Ports.Take((3 * silos) + 1);
        var redis = backend == Backend.Redis ? new RedisServer(folder, ports[^1]) : null;
        if (redis is not null)
        {
            await redis.StartAsync(cancellationToken);
        }

        string[] shared = backend == Backend.Redis ? ["--cluster", "redis", "--redis", $"127.0.0.1:{ports[^1]}"] : ["--data", folder];
        var cluster = new SiloCluster(
            folder, redis, [.. Enumerable.Range(0, silos).Select(i => new SiloServer(i, ports[3 * i], ports[(3 * i) + 1], shared, folder, GatewayOf(i)))]);
        IPEndPoint? GatewayOf(int silo) => gateways ? new IPEndPoint(IPAddress.Loopback, ports[(3 * silo) + 2]) : null;
        try
        {
            foreach (var silo in cluster.Silos)
            {
                silo.Start();
            }

            await cluster.ReadyAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public Task ReadyAsync(CancellationToken cancellationToken) => Task.WhenAll(Silos.Select(silo => silo.ReadyAsync(cancellationToken)));

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _supervising;
        foreach (var silo in Silos)
        {
            silo.Dispose();
        }

        Redis?.Dispose();
        _ending.Dispose();
    }
}
