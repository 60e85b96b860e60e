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

    public SqliteBackend() => (_store, _storage) = Open();

    public string Path => System.IO.Path.Combine(_folder.Path, "vallum.db");

    public override IGrainStorage Storage => _storage;

    public override async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        (_store, _storage) = Open();
    }

    public override async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    private (SqliteStore Store, SqliteGrainStorage Storage) Open()
    {
        var store = new SqliteStore(Options.Create(new SqliteStoreOptions { Path = Path }));
        return (store, new SqliteGrainStorage(store, Serialization.Storage, Serialization.Activators));
    }
}
