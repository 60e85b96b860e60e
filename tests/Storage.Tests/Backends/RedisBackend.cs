using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Persistence;
using Orleans.Storage;
using StackExchange.Redis;

namespace Vallum.Storage.Tests.Backends;

/// <summary>Orleans' own Redis storage on a real server, under a service id of the test's own.</summary>
public sealed class RedisBackend : StorageBackend
{
    private readonly int _port;
    private readonly string _service = $"{Guid.NewGuid():N}";
    private SiloLifecycleSubject _lifecycle = null!;
    private RedisGrainStorage _storage = null!;

    private RedisBackend(int port) => _port = port;

    public override IGrainStorage Storage => _storage;

    public static async Task<RedisBackend> StartAsync(RedisServer server)
    {
        var backend = new RedisBackend(server.Port);
        await backend.OpenAsync();
        return backend;
    }

    public override async Task ReopenAsync()
    {
        await DisposeAsync();
        await OpenAsync();
    }

    public override async ValueTask DisposeAsync() => await _lifecycle.OnStop();

    private async Task OpenAsync()
    {
        var options = new RedisStorageOptions
        {
            ConfigurationOptions = new ConfigurationOptions { EndPoints = { { "127.0.0.1", _port } } },
            DeleteStateOnClear = true,
        };
        _storage = new RedisGrainStorage(
            "redis",
            options,
            Serialization.Storage,
            Options.Create(new ClusterOptions { ServiceId = _service, ClusterId = _service }),
            Serialization.Activators,
            NullLogger<RedisGrainStorage>.Instance);
        _lifecycle = new SiloLifecycleSubject(NullLogger<SiloLifecycleSubject>.Instance);
        _storage.Participate(_lifecycle);
        await _lifecycle.OnStart();
    }
}
