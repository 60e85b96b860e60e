using Microsoft.Data.Sqlite;

namespace Vallum.Silo.Storage.Sqlite;

/// <summary>One connection to the file and the statements prepared on it. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    private SqliteSession(SqliteConnection connection) => _connection = connection;

    public static SqliteSession Open(SqliteStoreOptions options)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = options.Path,
            // Sessions are pooled by the store; the provider's own pool would keep the file open after the store is closed.
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)options.BusyTimeout.TotalSeconds),
        }.ToString());
        try
        {
            connection.Open();
            var session = new SqliteSession(connection);
            // The busy handler is a property of the connection, not of the file: every one needs it, and before the first lock.
            session.Execute($"PRAGMA busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds}");
            // FULL syncs the write-ahead log at each commit: in WAL mode NORMAL would lose the last commits with the power.
            session.Execute("PRAGMA synchronous = FULL");
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs a statement that is run once and so is not worth preparing.</summary>
    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The statement with its parameters <c>$1</c>, <c>$2</c> … set; valid until the next call with the same text.</summary>
    public SqliteCommand Prepared(string sql, params ReadOnlySpan<object?> parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var index = 1; index <= parameters.Length; index++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${index}" });
            }

            _prepared.Add(sql, command);
        }

        for (var index = 0; index < parameters.Length; index++)
        {
            command.Parameters[index].Value = parameters[index] ?? DBNull.Value;
        }

        return command;
    }

    /// <summary>Runs a prepared statement and returns how many rows it changed.</summary>
    public int Change(string sql, params ReadOnlySpan<object?> parameters) => Prepared(sql, parameters).ExecuteNonQuery();

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }
}
