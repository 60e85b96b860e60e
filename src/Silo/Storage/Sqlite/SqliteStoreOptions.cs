namespace Vallum.Silo.Storage.Sqlite;

/// <summary>Where the silo's file is, and how long it waits for others that write it.</summary>
internal sealed class SqliteStoreOptions
{
    /// <summary>The file, on a local disk: SQLite's write-ahead log needs shared memory, which network file systems do not give.</summary>
    public string Path { get; set; } = "vallum.db";

    /// <summary>How long a connection waits for a lock that another process holds; 100 ms to 1 min, default 10 s.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Read connections kept open between reads; 1 to 64, default 4. More are opened when more reads run at once.</summary>
    public int IdleReadersCount { get; set; } = 4;

    /// <summary>What is wrong with these settings, one sentence each; empty when nothing is.</summary>
    public IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Path))
        {
            yield return $"{nameof(Path)} is empty: name a file on a local disk.";
        }

        if (BusyTimeout < TimeSpan.FromMilliseconds(100) || BusyTimeout > TimeSpan.FromMinutes(1))
        {
            yield return $"{nameof(BusyTimeout)} is {BusyTimeout}: use 100 ms to 1 min.";
        }

        if (IdleReadersCount is < 1 or > 64)
        {
            yield return $"{nameof(IdleReadersCount)} is {IdleReadersCount}: use 1 to 64.";
        }
    }
}
