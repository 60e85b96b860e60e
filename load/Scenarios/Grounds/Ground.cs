using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Grpc.Net.Client;
using Vallum.Chaos.Processes;
using Vallum.Contracts.Api.V1;

namespace Vallum.Scenarios.Grounds;

/// <summary>What a scenario stands on: a control plane that is ready, a seed, and sizes.</summary>
public sealed class Ground : IAsyncDisposable
{
    private const int LargestMessage = 64 << 20;

    private readonly SiloCluster? _own;
    private readonly CallerIdentity _caller;

    private Ground(Target target, ulong seed, Sizes sizes, TextWriter progress, SiloCluster? own)
    {
        (Target, Seed, Sizes, Progress, _own) = (target, seed, sizes, progress, own);
        (Silos, Gateways, _caller) = target switch
        {
            Target.Address address => (address.Silos, address.Gateways, address.Caller),
            _ => ([.. own!.Addresses], [.. own.Silos.Select(silo => silo.Gateway).OfType<IPEndPoint>()], CallerIdentity.None),
        };
    }

    public Target Target { get; }

    public ulong Seed { get; }

    public Sizes Sizes { get; }

    /// <summary>For a word on what takes long; never results.</summary>
    public TextWriter Progress { get; }

    public ImmutableArray<Uri> Silos { get; }

    /// <summary>Of the silos, for <c>Microsoft.Orleans.Client</c>.</summary>
    public ImmutableArray<IPEndPoint> Gateways { get; }

    /// <summary>Of the silos as they are now; none where they run elsewhere.</summary>
    public IReadOnlyList<int> Processes => _own is null ? [] : [.. _own.Silos.Select(silo => silo.ProcessId).OfType<int>()];

    /// <summary>The silos as processes, to kill and start again; null where they run elsewhere.</summary>
    internal SiloCluster? Own => _own;

    /// <summary>Returns when the control plane is ready.</summary>
    public static async Task<Ground> StartAsync(Target target, ulong seed, Sizes sizes, TextWriter progress, CancellationToken cancellationToken)
    {
        var own = target switch
        {
            Target.One => await SiloCluster.StartAsync(Backend.Sqlite, 1, gateways: true, cancellationToken),
            Target.Cluster cluster => await SiloCluster.StartAsync(Backend.Redis, cluster.Silos, gateways: true, cancellationToken),
            _ => null,
        };
        var ground = new Ground(target, seed, sizes, progress, own);
        try
        {
            using var channel = ground.Open(0);
            var version = await new StatusService.StatusServiceClient(channel).GetVersionAsync(new GetVersionRequest(), cancellationToken: cancellationToken);
            await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{target}: {ground.Silos.Length} silo(s), version {version.Version}"));
            return ground;
        }
        catch
        {
            await ground.DisposeAsync();
            throw;
        }
    }

    /// <summary>A connection of its own. The caller disposes it.</summary>
    /// <param name="number">Counted round the silos.</param>
    public GrpcChannel Open(int number) => GrpcChannel.ForAddress(Silos[number % Silos.Length], new GrpcChannelOptions
    {
        HttpHandler = CallerCredentials.HandlerOf(_caller),
        Credentials = CallerCredentials.Of(_caller, Silos[number % Silos.Length]),
        DisposeHttpClient = true,
        MaxReceiveMessageSize = LargestMessage,
        MaxSendMessageSize = LargestMessage,
    });

    public async ValueTask DisposeAsync()
    {
        if (_own is not null)
        {
            await _own.DisposeAsync();
            Directory.Delete(_own.Folder, recursive: true);
        }
    }
}
