using Vallum.Cluster.Objects;
using Vallum.Silo.Storage.Log;
using Vallum.Silo.Storage.Log.History;

namespace Vallum.Silo.Grains.Objects;

/// <summary>How much a scope takes at once. Overload is refused, never queued without bound.</summary>
internal sealed class ScopeLimits
{
    /// <summary>Batches that wait for their turn; 1 to 1,000,000, default 10,000. More are answered Exhausted.</summary>
    public int WaitingBatches { get; set; } = 10_000;

    /// <summary>Bytes of the contents of batches that were taken and are not answered yet; 8 MiB to 4 GiB, default 64 MiB. More are answered Exhausted.</summary>
    public long WaitingBytes { get; set; } = 64 << 20;

    /// <summary>Batches judged and written together; 1 to 10,000, default 256.</summary>
    public int GroupBatches { get; set; } = 256;

    /// <summary>Changes of one batch; 1 to 1,000,000, default 50,000.</summary>
    public int BatchChanges { get; set; } = 50_000;

    /// <summary>Bytes of the contents of one batch; 1 KiB to 6 MiB, default 4 MiB: what it takes in the log, with names and identities, must stay below the log's 8 MiB.</summary>
    public long BatchBytes { get; set; } = 4 << 20;

    /// <summary>Bytes of history of everything but endpoints that a scope keeps; 0 to 64 GiB, default 64 MiB. The oldest goes first; 0: what the log still has.</summary>
    public long HistoryBytes { get; set; } = 64 << 20;

    /// <summary>How long that history is kept; 1 hour to 100 years, default 400 days. What is older goes when the log is next compacted.</summary>
    public TimeSpan HistoryFor { get; set; } = TimeSpan.FromDays(400);

    /// <summary>Bytes of endpoints' history that a tenant keeps; 0 to 64 GiB, default 8 MiB.</summary>
    public long EndpointHistoryBytes { get; set; } = 8 << 20;

    /// <summary>How long endpoints' history is kept; 1 hour to 100 years, default 30 days.</summary>
    public TimeSpan EndpointHistoryFor { get; set; } = TimeSpan.FromDays(30);

    public ObjectLogOptions ToLogOptions() => new()
    {
        History = new HistoryOptions
        {
            StreamOf = kind => ObjectHistory.StreamOf((ObjectKind)kind),
            Calm = new HistoryBudget(HistoryBytes, HistoryFor),
            Busy = new HistoryBudget(EndpointHistoryBytes, EndpointHistoryFor),
        },
    };
}
