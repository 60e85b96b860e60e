using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vallum.Silo.Hosting;

namespace Vallum.SiloHost;

/// <summary>A silo over a file in a folder that goes with it; what tests see of it is what its listeners say.</summary>
public sealed class TestSilo : IAsyncDisposable
{
    /// <summary>As the command's own: above the 64 MiB that the silo takes, so that it is the silo which refuses.</summary>
    private const int LargestMessage = 80 * 1024 * 1024;

    private readonly string _folder;
    private readonly IReadOnlyDictionary<string, string?> _settings;
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;
    private bool _keepsFolder;
    private bool _stopped;

    private TestSilo(string folder, IReadOnlyDictionary<string, string?> settings, WebApplication app)
    {
        (_folder, _settings, _app) = (folder, settings, app);
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        (Address, AdminAddress) = (addresses[0], new Uri(addresses[1]));
        _channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { MaxReceiveMessageSize = LargestMessage, MaxSendMessageSize = LargestMessage });
    }

    /// <summary>Of the gRPC listener, such as "http://127.0.0.1:40123".</summary>
    public string Address { get; }

    public Uri AdminAddress { get; }

    public IServiceProvider Services => _app.Services;

    public GrpcChannel Channel => _channel;

    public static Task<TestSilo> StartAsync() => StartAsync(Directory.CreateTempSubdirectory("vallum-silo-").FullName);

    public static Task<TestSilo> StartAsync(IReadOnlyDictionary<string, string?> settings) =>
        StartAsync(Directory.CreateTempSubdirectory("vallum-silo-").FullName, settings);

    public static Task<TestSilo> StartAsync(string folder) => StartAsync(folder, new Dictionary<string, string?>());

    /// <param name="own">Settings beside, or in place of, those of every test's silo.</param>
    public static async Task<TestSilo> StartAsync(string folder, IReadOnlyDictionary<string, string?> own)
    {
        var settings = new Dictionary<string, string?>(own);
        settings.TryAdd("data", folder);
        settings.TryAdd("listen", "127.0.0.1:0");
        settings.TryAdd("admin-listen", "127.0.0.1:0");
        var app = SiloProcess.Build(null, settings, builder => builder.Logging.SetMinimumLevel(LogLevel.Error).AddFilter("Orleans", LogLevel.Error));
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return new TestSilo(folder, own, app);
    }

    /// <summary>Another silo over the same file, beside this one; it has to go first.</summary>
    /// <param name="own">Null: the settings of this one.</param>
    public async Task<TestSilo> JoinAsync(IReadOnlyDictionary<string, string?>? own = null)
    {
        var joined = await StartAsync(_folder, own ?? _settings);
        joined._keepsFolder = true;
        return joined;
    }

    /// <summary>Another silo over the same file, after this one has stopped.</summary>
    public async Task<TestSilo> RestartAsync()
    {
        _keepsFolder = true;
        await StopAsync();
        return await StartAsync(_folder, _settings);
    }

    public async Task StopAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await StopAsync();
        if (!_keepsFolder)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
