namespace Vallum.Silo.Grains.Objects;

/// <summary>How much a scope takes at once. Overload is refused, never queued without bound.</summary>
internal sealed class ScopeLimits
{
    /// <summary>Batches that wait for their turn; 1 to 1,000,000, default 10,000. More are answered Exhausted.</summary>
    public int WaitingBatches { get; set; } = 10_000;

    /// <summary>Batches judged and written together; 1 to 10,000, default 256.</summary>
    public int GroupBatches { get; set; } = 256;

    /// <summary>Changes of one batch; 1 to 1,000,000, default 50,000.</summary>
    public int BatchChanges { get; set; } = 50_000;

    /// <summary>Bytes of the contents of one batch; 1 KiB to 6 MiB, default 4 MiB: what it takes in the log, with names and identities, must stay below the log's 8 MiB.</summary>
    public long BatchBytes { get; set; } = 4 << 20;
}
