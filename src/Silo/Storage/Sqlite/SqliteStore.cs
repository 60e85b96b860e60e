using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Vallum.Silo.Storage.Sqlite;

/// <summary>
/// One SQLite file, written by one thread of this process. Every write that is queued when the thread comes round goes into the same transaction, so that
/// sixteen writers share one sync of the disk; each keeps its own outcome. Other processes may write the same file.
/// </summary>
/// <remarks>A write is acknowledged after its transaction is synced to the write-ahead log: it outlives the process and the power.</remarks>
internal sealed class SqliteStore : IAsyncDisposable, IDisposable
{
    private readonly SqliteStoreOptions _options;
    private readonly ConcurrentBag<SqliteSession> _idleReaders = [];
    private readonly SqliteWriter _writer;
    private volatile bool _closed;

    /// <summary>Opens the file, and makes it and its tables when they are not there.</summary>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">The file cannot be opened or is none of SQLite's.</exception>
    public SqliteStore(IOptions<SqliteStoreOptions> options)
    {
        _options = options.Value;
        var folder = Path.GetDirectoryName(Path.GetFullPath(_options.Path))!;
        Directory.CreateDirectory(folder);
        var session = SqliteSession.Open(_options);
        try
        {
            SqliteSchema.Ensure(session);
            _writer = new SqliteWriter(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Transactions committed and writes in them, since the file was opened.</summary>
    public (long Transactions, long Writes) Committed => _writer.Committed;

    /// <summary>
    /// Runs <paramref name="write"/> on the writer's thread, inside a transaction that it shares with others. An exception that it throws undoes its own
    /// statements only, and is the caller's.
    /// </summary>
    /// <returns>What <paramref name="write"/> returned, once that is durable.</returns>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> write) => _writer.EnqueueAsync(write);

    /// <summary>Runs a query on a connection of its own, off the caller's thread, on the last committed state of the file.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteSession, T> query, CancellationToken cancellationToken = default) => Task.Run(() => Read(query), cancellationToken);

    public void Dispose()
    {
        _closed = true;
        _writer.Dispose();
        while (_idleReaders.TryTake(out var session))
        {
            session.Dispose();
        }
    }

    public ValueTask DisposeAsync() => new(Task.Run(Dispose));

    private T Read<T>(Func<SqliteSession, T> query)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        var session = _idleReaders.TryTake(out var idle) ? idle : SqliteSession.Open(_options);
        try
        {
            return query(session);
        }
        finally
        {
            if (_closed || _idleReaders.Count >= _options.IdleReadersCount)
            {
                session.Dispose();
            }
            else
            {
                _idleReaders.Add(session);
            }
        }
    }
}
