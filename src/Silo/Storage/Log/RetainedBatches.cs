using System.Collections.Immutable;

namespace Vallum.Silo.Storage.Log;

/// <summary>The last batches, for watchers that ask for what came after a revision. Not safe for several threads.</summary>
internal sealed class RetainedBatches(ObjectLogOptions options, long droppedRevision)
{
    private readonly Queue<Batch> _batches = [];
    private long _bytes;

    /// <summary>The revision of the newest batch that is no longer here; a watcher that has seen it has missed nothing.</summary>
    public long DroppedRevision { get; private set; } = droppedRevision;

    public void Add(Batch batch)
    {
        _batches.Enqueue(batch);
        _bytes += batch.Bytes;
        while (_batches.Count > options.RetainedBatches || (_bytes > options.RetainedBytes && _batches.Count > 1))
        {
            var dropped = _batches.Dequeue();
            _bytes -= dropped.Bytes;
            DroppedRevision = dropped.Revision;
        }
    }

    /// <summary>The batches after <paramref name="revision"/>, oldest first; null when some of them are no longer here.</summary>
    public ImmutableArray<Batch>? After(long revision) =>
        revision < DroppedRevision ? null : [.. _batches.SkipWhile(batch => batch.Revision <= revision)];
}
