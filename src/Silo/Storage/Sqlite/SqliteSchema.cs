namespace Vallum.Silo.Storage.Sqlite;

/// <summary>The tables of the file. The number in <c>user_version</c> says which layout they have.</summary>
internal static class SqliteSchema
{
    private const int Layout = 1;

    /// <summary>Makes the tables when the file is new.</summary>
    /// <exception cref="InvalidDataException">The file was laid out by a newer release.</exception>
    public static void Ensure(SqliteSession session)
    {
        session.Execute("PRAGMA journal_mode = WAL");
        // The write-ahead log shrinks again after a burst; 64 MiB.
        session.Execute("PRAGMA journal_size_limit = 67108864");
        // Another process may be at the same: whoever comes second finds the tables.
        session.Execute("BEGIN IMMEDIATE");
        try
        {
            var found = (long)session.Prepared("PRAGMA user_version").ExecuteScalar()!;
            if (found > Layout)
            {
                throw new InvalidDataException($"The file has layout {found}; this release reads up to {Layout}.");
            }

            session.Execute(Tables);
            session.Execute($"PRAGMA user_version = {Layout}");
            session.Execute("COMMIT");
        }
        catch
        {
            session.Execute("ROLLBACK");
            throw;
        }
    }

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS grain_state (
            grain TEXT NOT NULL,
            name  TEXT NOT NULL,
            etag  TEXT NOT NULL,
            data  BLOB NOT NULL,
            UNIQUE (grain, name));
        CREATE TABLE IF NOT EXISTS membership_version (
            cluster TEXT NOT NULL PRIMARY KEY,
            version INTEGER NOT NULL,
            etag    TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS membership (
            cluster     TEXT NOT NULL,
            silo        TEXT NOT NULL,
            etag        TEXT NOT NULL,
            status      INTEGER NOT NULL,
            silo_name   TEXT NOT NULL,
            host_name   TEXT NOT NULL,
            role_name   TEXT,
            proxy_port  INTEGER NOT NULL,
            update_zone INTEGER NOT NULL,
            fault_zone  INTEGER NOT NULL,
            start_time  INTEGER NOT NULL,
            alive_time  INTEGER NOT NULL,
            suspects    TEXT NOT NULL,
            PRIMARY KEY (cluster, silo));
        """;
}
