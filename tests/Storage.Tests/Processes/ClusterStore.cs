using StackExchange.Redis;
using Vallum.Silo.Storage.Sqlite;
using Vallum.Storage.Tests.Backends;

namespace Vallum.Storage.Tests.Processes;

/// <summary>What several silo processes have in common: a file, or a Redis server of their own.</summary>
internal sealed class ClusterStore(bool isRedis) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RedisServer _redis = new();

    /// <summary>The options by which a silo uses it.</summary>
    public string[] Arguments => isRedis ? ["--cluster", "redis", "--redis", $"127.0.0.1:{_redis.Port}"] : ["--data", _folder.Path];

    /// <summary>Redis is killed and started again; a file has nothing that could be.</summary>
    public void Restart()
    {
        if (isRedis)
        {
            _redis.Restart();
        }
    }

    /// <summary>Throws everything away behind the silos' back.</summary>
    public async Task EmptyAsync()
    {
        if (isRedis)
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_redis.Port}");
            await connection.GetDatabase().ExecuteAsync("FLUSHALL");
        }
        else
        {
            using var file = SqliteSession.Open(new SqliteStoreOptions { Path = Path.Combine(_folder.Path, "vallum.db") });
            file.Execute("DELETE FROM grain_state; DELETE FROM membership; DELETE FROM membership_version");
        }
    }

    public void Dispose()
    {
        _redis.Dispose();
        _folder.Dispose();
    }
}
