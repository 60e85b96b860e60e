using Orleans.Storage;
using Vallum.Silo.Storage.Log.History;

namespace Vallum.Silo.Storage.Log;

/// <summary>The rows of one log, by name, in a grain's storage. Counts what is done to them.</summary>
internal sealed class LogRows(IGrainStorage storage, GrainId grainId, string prefix)
{
    private long _reads;
    private long _writes;
    private long _clears;

    public IGrainStorage Storage => storage;

    public GrainId GrainId => grainId;

    public long Reads => Interlocked.Read(ref _reads);

    public long Writes => Interlocked.Read(ref _writes);

    public long Clears => Interlocked.Read(ref _clears);

    public StoredRow<LogManifest> Manifest() => new(this, $"{prefix}.manifest");

    public StoredRow<LogRow> Log(long number) => new(this, $"{prefix}.log.{number}");

    public StoredRow<RequestRow> Requests(long number) => new(this, $"{prefix}.requests.{number}");

    public StoredRow<HistoryRow> History(HistoryStream stream, long number) =>
        new(this, stream == HistoryStream.Calm ? $"{prefix}.history.{number}" : $"{prefix}.history.busy.{number}");

    public StoredRow<BucketRow> Bucket(int layout, int index) => new(this, $"{prefix}.snapshot.{layout}.{index}");

    public void CountRead() => Interlocked.Increment(ref _reads);

    public void CountWrite() => Interlocked.Increment(ref _writes);

    public void CountClear() => Interlocked.Increment(ref _clears);
}

/// <summary>One row and the ETag under which it was last seen. Keeps no content between calls.</summary>
internal sealed class StoredRow<T>(LogRows rows, string name)
    where T : class
{
    private string? _etag;
    private bool _exists;

    /// <summary>The row's content; null when there is no such row.</summary>
    public async Task<T?> ReadAsync()
    {
        rows.CountRead();
        var state = new GrainState<T>();
        await rows.Storage.ReadStateAsync(name, rows.GrainId, state);
        (_etag, _exists) = (state.ETag, state.RecordExists);
        return _exists ? state.State : null;
    }

    /// <summary>
    /// Writes a row that nothing names yet. An owner that did not finish may have left it: it is overwritten, not trusted. One of a later epoch is not: the
    /// reading would give an earlier owner, awake again, the ETag to overwrite what counts by now.
    /// </summary>
    /// <exception cref="InconsistentStateException">The row is a later owner's.</exception>
    public async Task WriteUnnamedAsync(T content, long epoch, Func<T, long> epochOf)
    {
        if (await ReadAsync() is { } left && epochOf(left) > epoch)
        {
            throw new InconsistentStateException($"Grain {rows.GrainId}: row {name} was written under epoch {epochOf(left)}, after {epoch}.");
        }

        await WriteAsync(content);
    }

    /// <summary>Writes the row if it is as it was when last seen.</summary>
    /// <exception cref="InconsistentStateException">Another owner wrote it since.</exception>
    public async Task WriteAsync(T content)
    {
        rows.CountWrite();
        var state = new GrainState<T> { State = content, ETag = _etag, RecordExists = _exists };
        await rows.Storage.WriteStateAsync(name, rows.GrainId, state);
        (_etag, _exists) = (state.ETag, true);
    }

    /// <summary>Deletes the row, whatever state it is in and whoever else deletes it: nothing names it any more.</summary>
    public async Task DeleteAsync()
    {
        if (!_exists && await ReadAsync() is null)
        {
            return;
        }

        rows.CountClear();
        try
        {
            await rows.Storage.ClearStateAsync(name, rows.GrainId, new GrainState<T> { ETag = _etag, RecordExists = true });
        }
        catch (InconsistentStateException)
        {
            // An owner before this one was about to delete it too.
        }

        (_etag, _exists) = (null, false);
    }
}
