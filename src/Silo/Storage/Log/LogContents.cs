namespace Vallum.Silo.Storage.Log;

/// <summary>All that an open log holds in memory. Only the log's loop changes it, one step after the other.</summary>
internal sealed class LogContents(
    LogRows rows,
    StoredRow<LogManifest> manifestRow,
    LogManifest manifest,
    LogTail tail,
    RequestMemory requests,
    RetainedBatches retained)
{
    public LogRows Rows => rows;

    public LogManifest Manifest { get; private set; } = manifest;

    public LogTail Tail => tail;

    public RequestMemory Requests => requests;

    public RetainedBatches Retained => retained;

    public required SnapshotBuckets Buckets { get; set; }

    /// <summary>The state that is durable.</summary>
    public required LogState Committed { get; set; }

    /// <summary>The rows of requests, oldest first, each with the newest request in it.</summary>
    public Queue<(long Number, string NewestRequest)> RequestRows { get; } = [];

    /// <summary>Changes in the log that came after the snapshot was begun.</summary>
    public long ChangesSinceSnapshot { get; set; }

    /// <summary>Bytes of log that came after the snapshot was begun.</summary>
    public long BytesSinceSnapshot { get; set; }

    public Task WriteManifestAsync(LogManifest next)
    {
        Manifest = next;
        return manifestRow.WriteAsync(next);
    }

    /// <summary>Follows a batch that has become durable.</summary>
    public void Follow(Batch batch)
    {
        foreach (var change in batch.Changes)
        {
            Buckets.Apply(change);
        }

        Note(batch);
    }

    /// <summary>Follows a batch for watchers, for retries, and for the next compaction.</summary>
    public void Note(Batch batch)
    {
        Retained.Add(batch);
        if (batch.RequestId is { } requestId)
        {
            Requests.Add(new RememberedRequest { RequestId = requestId, Revision = batch.Revision, Time = batch.Time, Outcome = batch.Outcome });
        }

        if (batch.Revision > Manifest.SnapshotRevision)
        {
            ChangesSinceSnapshot += batch.Changes.Length;
            BytesSinceSnapshot += batch.Bytes;
        }
    }
}
