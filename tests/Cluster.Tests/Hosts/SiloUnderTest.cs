using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Vallum.Silo.Distribution;
using Vallum.Silo.Grains;
using Vallum.Silo.Hosting;

namespace Vallum.Cluster.Tests.Hosts;

/// <summary>The real silo in this process, on free ports, over a file in a folder that goes with it.</summary>
internal sealed class SiloUnderTest : IAsyncDisposable
{
    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly WebApplication _app;
    private bool _stopped;

    private SiloUnderTest(string folder, bool ownsFolder, WebApplication app) => (_folder, _ownsFolder, _app) = (folder, ownsFolder, app);

    public IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    public IClusterView View => _app.Services.GetRequiredService<IClusterView>();

    public WatchedStorage Storage => (WatchedStorage)_app.Services.GetRequiredKeyedService<IGrainStorage>(GrainStorageName.Objects);

    public IClusterGrain Cluster => Grains.GetGrain<IClusterGrain>(IClusterGrain.Key);

    public string Folder => _folder;

    /// <summary>Of the gRPC listener and of the admin listener.</summary>
    public IReadOnlyList<string> Addresses => [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];

    public static async Task<SiloUnderTest> StartAsync(string? folder = null)
    {
        var own = folder is null;
        folder ??= Directory.CreateTempSubdirectory("vallum-cluster-").FullName;
        var settings = new Dictionary<string, string?> { ["data"] = folder, ["listen"] = "127.0.0.1:0", ["admin-listen"] = "127.0.0.1:0" };
        var app = SiloProcess.Build(null, settings, Watch);
        await app.StartAsync();
        return new SiloUnderTest(folder, own, app);
    }

    public ITenantGrain Tenant(string name) => Grains.GetGrain<ITenantGrain>(name);

    public async Task StopAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }

    /// <summary>Another silo over the same file, after this one has stopped.</summary>
    public async Task<SiloUnderTest> RestartAsync()
    {
        await StopAsync();
        return await StartAsync(_folder);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        if (_ownsFolder)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static void Watch(WebApplicationBuilder builder)
    {
        var real = builder.Services.Single(service => service.ServiceType == typeof(IGrainStorage) && Equals(service.ServiceKey, GrainStorageName.Objects));
        builder.Services.Remove(real);
        builder.Services.AddKeyedSingleton<IGrainStorage>(
            GrainStorageName.Objects, (services, key) => new WatchedStorage((IGrainStorage)real.KeyedImplementationFactory!(services, key)));
    }
}
