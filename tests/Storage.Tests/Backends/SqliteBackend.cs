using Microsoft.Extensions.Options;
using Orleans.Storage;
using Vallum.Silo.Storage.Sqlite;

namespace Vallum.Storage.Tests.Backends;

/// <summary>Grain state in a file of the test's own.</summary>
public sealed class SqliteBackend : StorageBackend
{
    private readonly TemporaryFolder _folder = new();
    private SqliteStore _store;
    private SqliteGrainStorage _storage;

    private readonly TimeSpan _busyTimeout;
    private SqliteSession? _lock;

    /// <param name="timeout">How long a call waits for others; null: as in production.</param>
    public SqliteBackend(TimeSpan? timeout = null)
    {
        _busyTimeout = timeout ?? new SqliteStoreOptions().BusyTimeout;
        (_store, _storage) = Open();
    }

    public string Path => System.IO.Path.Combine(_folder.Path, "vallum.db");

    public override IGrainStorage Storage => _storage;

    public override async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        (_store, _storage) = Open();
    }

    /// <summary>Another process holds the write lock.</summary>
    public override Task FreezeAsync()
    {
        _lock = SqliteSession.Open(new SqliteStoreOptions { Path = Path });
        _lock.Execute("BEGIN IMMEDIATE");
        return Task.CompletedTask;
    }

    public override Task ThawAsync()
    {
        _lock!.Execute("ROLLBACK");
        _lock.Dispose();
        _lock = null;
        return Task.CompletedTask;
    }

    /// <summary>A file has no process.</summary>
    public override Task RestartAsync() => Task.CompletedTask;

    public override Task EmptyAsync()
    {
        using var other = SqliteSession.Open(new SqliteStoreOptions { Path = Path });
        other.Execute("DELETE FROM grain_state");
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        _lock?.Dispose();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    private (SqliteStore Store, SqliteGrainStorage Storage) Open()
    {
        var store = new SqliteStore(Options.Create(new SqliteStoreOptions { Path = Path, BusyTimeout = _busyTimeout }));
        return (store, new SqliteGrainStorage(store, Serialization.Storage, Serialization.Activators));
    }
}
