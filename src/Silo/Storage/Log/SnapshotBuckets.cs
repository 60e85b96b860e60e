using System.Collections.Immutable;

namespace Vallum.Silo.Storage.Log;

/// <summary>Which objects are in which bucket of the snapshot, and which buckets have changed since they were written. Changed by the log's loop only.</summary>
internal sealed class SnapshotBuckets
{
    private const int ReadsAtOnce = 16;

    private readonly Bucket[] _buckets;

    private SnapshotBuckets(LogRows rows, SnapshotLayout layout)
    {
        Layout = layout;
        _buckets = [.. Enumerable.Range(0, Math.Max(1, layout.BucketCount)).Select(index => new Bucket(rows.Bucket(layout.Number, index)))];
    }

    public SnapshotLayout Layout { get; }

    /// <summary>About how many bytes all objects take.</summary>
    public long Bytes { get; private set; }

    /// <summary>The buckets that hold changes which the snapshot does not.</summary>
    public IReadOnlyList<int> Dirty => [.. Enumerable.Range(0, _buckets.Length).Where(index => _buckets[index].Dirty)];

    /// <summary>Reads all buckets of a layout, and puts what they hold into <paramref name="objects"/>.</summary>
    public static async Task<SnapshotBuckets> LoadAsync(
        LogRows rows, SnapshotLayout layout, ImmutableDictionary<ObjectKey, StoredObject>.Builder objects)
    {
        var buckets = new SnapshotBuckets(rows, layout);
        if (layout.BucketCount == 0)
        {
            return buckets;
        }

        foreach (var several in buckets._buckets.Chunk(ReadsAtOnce))
        {
            var contents = await Task.WhenAll(several.Select(bucket => bucket.ReadAsync()));
            foreach (var entry in contents.SelectMany(content => content))
            {
                objects[entry.Key] = entry.Object!;
                buckets.Note(entry);
            }
        }

        return buckets;
    }

    /// <summary>The same objects in another layout, of which no bucket is written yet.</summary>
    public static SnapshotBuckets Spread(LogRows rows, SnapshotLayout layout, LogState state)
    {
        var buckets = new SnapshotBuckets(rows, layout);
        foreach (var (key, stored) in state.Objects)
        {
            buckets.Note(ObjectChange.Put(key, stored));
        }

        foreach (var bucket in buckets._buckets)
        {
            bucket.Dirty = true;
        }

        return buckets;
    }

    /// <summary>True when the snapshot as it was read holds the key's state at that revision or a later one.</summary>
    public bool Holds(ObjectKey key, long revision) => _buckets[Layout.BucketOf(key)].Revision >= revision;

    /// <summary>Follows a change of the state.</summary>
    public void Apply(ObjectChange change)
    {
        Note(change);
        _buckets[Layout.BucketOf(change.Key)].Dirty = true;
    }

    /// <summary>Writes one bucket as it is in <paramref name="state"/>.</summary>
    public Task WriteAsync(int index, LogState state, long epoch) => _buckets[index].WriteAsync(state, epoch);

    private void Note(ObjectChange change)
    {
        var sizes = _buckets[Layout.BucketOf(change.Key)].Sizes;
        Bytes -= sizes.GetValueOrDefault(change.Key);
        if (change.Object is null)
        {
            sizes.Remove(change.Key);
            return;
        }

        sizes[change.Key] = change.BytesOfNext;
        Bytes += change.BytesOfNext;
    }

    private sealed class Bucket(StoredRow<BucketRow> row)
    {
        private bool _seen;

        /// <summary>Bytes by object; its keys are the bucket's.</summary>
        public Dictionary<ObjectKey, int> Sizes { get; } = [];

        public long Revision { get; private set; }

        public bool Dirty { get; set; }

        public async Task<ImmutableArray<ObjectChange>> ReadAsync()
        {
            var content = await row.ReadAsync();
            _seen = true;
            Revision = content?.Revision ?? 0;
            return content?.Objects ?? [];
        }

        public async Task WriteAsync(LogState state, long epoch)
        {
            var content = new BucketRow
            {
                Epoch = epoch,
                Revision = state.Revision,
                Objects = [.. Sizes.Keys.Select(key => ObjectChange.Put(key, state.Objects[key]))],
            };
            (Dirty, Revision) = (false, state.Revision);
            if (_seen)
            {
                await row.WriteAsync(content);
                return;
            }

            await row.WriteUnnamedAsync(content, epoch, left => left.Epoch);
            _seen = true;
        }
    }
}
