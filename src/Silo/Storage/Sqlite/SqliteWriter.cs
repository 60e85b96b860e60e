using Microsoft.Data.Sqlite;

namespace Vallum.Silo.Storage.Sqlite;

/// <summary>The one thread of this process that writes the file: takes all that is queued, runs it in one transaction, commits, answers.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteSession _session;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private List<PendingWrite> _queued = [];
    private bool _closing;
    private long _transactions;
    private long _writes;

    public SqliteWriter(SqliteSession session)
    {
        _session = session;
        _thread = new Thread(Run) { IsBackground = true, Name = "sqlite-writer" };
        _thread.Start();
    }

    public (long Transactions, long Writes) Committed => (Interlocked.Read(ref _transactions), Interlocked.Read(ref _writes));

    public Task<T> EnqueueAsync<T>(Func<SqliteSession, T> write)
    {
        var pending = new PendingWrite<T>(write);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing, typeof(SqliteStore));
            _queued.Add(pending);
            Monitor.Pulse(_gate);
        }

        return pending.Outcome;
    }

    /// <summary>Commits what is queued, then closes the connection.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closing)
            {
                return;
            }

            _closing = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _session.Dispose();
    }

    private void Run()
    {
        List<PendingWrite> group = [];
        while (true)
        {
            lock (_gate)
            {
                while (_queued.Count == 0)
                {
                    if (_closing)
                    {
                        return;
                    }

                    Monitor.Wait(_gate);
                }

                (group, _queued) = (_queued, group);
            }

            Commit(group);
            group.Clear();
        }
    }

    private void Commit(List<PendingWrite> group)
    {
        try
        {
            // IMMEDIATE takes the write lock at once: a transaction that begins by reading and then writes can meet SQLITE_BUSY_SNAPSHOT, which no wait resolves.
            _session.Change("BEGIN IMMEDIATE");
            foreach (var write in group)
            {
                Run(write);
            }

            _session.Change("COMMIT");
        }
        catch (Exception exception)
        {
            RollBack();
            foreach (var write in group)
            {
                write.Fail(exception);
            }

            return;
        }

        Interlocked.Increment(ref _transactions);
        Interlocked.Add(ref _writes, group.Count);
        foreach (var write in group)
        {
            write.Complete();
        }
    }

    private void Run(PendingWrite write)
    {
        _session.Change("SAVEPOINT one");
        if (!write.TryRun(_session))
        {
            _session.Change("ROLLBACK TO one");
        }

        _session.Change("RELEASE one");
    }

    private void RollBack()
    {
        try
        {
            _session.Change("ROLLBACK");
        }
        catch (SqliteException)
        {
            // No transaction is open: BEGIN failed, or SQLite rolled back by itself (a full disk, an I/O error).
        }
    }

    private abstract class PendingWrite
    {
        /// <summary>False when the write threw; its statements must be undone, and its caller gets the exception after the commit.</summary>
        public abstract bool TryRun(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class PendingWrite<T>(Func<SqliteSession, T> write) : PendingWrite
    {
        private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _exception;

        public Task<T> Outcome => _outcome.Task;

        public override bool TryRun(SqliteSession session)
        {
            try
            {
                _result = write(session);
                return true;
            }
            catch (Exception exception)
            {
                _exception = exception;
                return false;
            }
        }

        public override void Complete()
        {
            if (_exception is null)
            {
                _outcome.SetResult(_result!);
            }
            else
            {
                _outcome.SetException(_exception);
            }
        }

        public override void Fail(Exception exception) => _outcome.SetException(_exception ?? exception);
    }
}
