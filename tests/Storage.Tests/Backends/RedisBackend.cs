using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Persistence;
using Orleans.Storage;
using StackExchange.Redis;
using Vallum.Silo.Storage.Redis;

namespace Vallum.Storage.Tests.Backends;

/// <summary>Orleans' own Redis storage on a real server, under a service id of the test's own.</summary>
public sealed class RedisBackend : StorageBackend
{
    // A test machine may be so busy that the default of 5 s passes; a slow answer is no finding here.
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(30);

    private readonly RedisServer _server;
    private readonly TimeSpan _timeout;
    private readonly string _service = $"{Guid.NewGuid():N}";
    private SiloLifecycleSubject _lifecycle = null!;
    private RedisGrainStorage _storage = null!;

    private RedisBackend(RedisServer server, TimeSpan timeout) => (_server, _timeout) = (server, timeout);

    public override IGrainStorage Storage => _storage;

    /// <param name="timeout">How long a call waits for its answer; null: long.</param>
    public static async Task<RedisBackend> StartAsync(RedisServer server, TimeSpan? timeout = null)
    {
        var backend = new RedisBackend(server, timeout ?? Patient);
        await backend.OpenAsync();
        return backend;
    }

    public override async Task ReopenAsync()
    {
        await DisposeAsync();
        await OpenAsync();
    }

    public override Task FreezeAsync()
    {
        _server.Freeze();
        return Task.CompletedTask;
    }

    public override Task ThawAsync()
    {
        _server.Thaw();
        return Task.CompletedTask;
    }

    public override Task RestartAsync()
    {
        _server.Restart();
        return Task.CompletedTask;
    }

    public override async Task EmptyAsync()
    {
        await using var other = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_server.Port}");
        await other.GetDatabase().ExecuteAsync("FLUSHALL");
    }

    public override async ValueTask DisposeAsync() => await _lifecycle.OnStop();

    private async Task OpenAsync()
    {
        var options = new RedisStorageOptions
        {
            ConfigurationOptions = new RedisStoreOptions($"127.0.0.1:{_server.Port}", "", "", "", "").ToConfiguration("test"),
            DeleteStateOnClear = true,
        };
        (options.ConfigurationOptions.AsyncTimeout, options.ConfigurationOptions.ConnectTimeout) = ((int)_timeout.TotalMilliseconds, (int)Patient.TotalMilliseconds);
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
