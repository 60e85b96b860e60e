using Vallum.Silo.Storage.Log.History;

namespace Vallum.Silo.Storage.Log;

/// <summary>Sizes of a log. The defaults are measured ones; tests make them small.</summary>
internal sealed class ObjectLogOptions
{
    /// <summary>What the rows' names begin with.</summary>
    public string Prefix { get; init; } = "objects";

    /// <summary>A log row is sealed when it reaches this; bytes, default 16 KiB. The tail is rewritten at each append, so larger costs writes and smaller costs rows.</summary>
    public int RowBytes { get; init; } = 16 << 10;

    /// <summary>The largest batch that is accepted; bytes, default 8 MiB.</summary>
    public int BatchBytes { get; init; } = 8 << 20;

    /// <summary>A flush takes waiting batches until it has this much; bytes, default 4 MiB.</summary>
    public int FlushBytes { get; init; } = 4 << 20;

    /// <summary>Changes after which the snapshot is renewed, unless there are more objects than that; default 2,000.</summary>
    public int CompactionChanges { get; init; } = 2000;

    /// <summary>Bytes of log after which the snapshot is renewed, unless the state is larger than that; default 1 MiB.</summary>
    public int CompactionBytes { get; init; } = 1 << 20;

    /// <summary>About the largest that a bucket of the snapshot, a row of requests or a row of history gets; bytes, default 64 KiB.</summary>
    public int BucketBytes { get; init; } = 64 << 10;

    /// <summary>Batches kept for watchers, in memory, and after an opening as far as they are within <see cref="CompactionBytes"/>; default 1,024.</summary>
    public int RetainedBatches { get; init; } = 1024;

    /// <summary>Watchers' batches take no more memory than this, however few they are then; bytes, default 16 MiB.</summary>
    public int RetainedBytes { get; init; } = 16 << 20;

    /// <summary>Requests remembered however old they are; default 4,096.</summary>
    public int RememberedRequests { get; init; } = 4096;

    /// <summary>How long a request is remembered however many there are; default 10 min.</summary>
    public TimeSpan RememberFor { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What is remembered of changes after their log rows go; null: nothing.</summary>
    public HistoryOptions? History { get; init; }

    /// <summary>Requests remembered at most: beyond 400 per second the oldest are forgotten before <see cref="RememberFor"/>; default 262,144.</summary>
    public int RememberedRequestsLimit { get; init; } = 262_144;
}
