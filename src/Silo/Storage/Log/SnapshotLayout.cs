using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Vallum.Silo.Storage.Log;

/// <summary>Over how many buckets the snapshot is spread, and how often that number has changed; the buckets of each layout have rows of their own.</summary>
/// <param name="Number">Counts the layouts of a log from 1; 0 before its first snapshot.</param>
/// <param name="BucketCount">A power of two; 0 before the first snapshot.</param>
[GenerateSerializer, Immutable, Alias("vallum.log.layout")]
internal sealed record SnapshotLayout([property: Id(0)] int Number, [property: Id(1)] int BucketCount)
{
    public static SnapshotLayout None { get; } = new(0, 0);

    /// <summary>The same layout while its buckets hold half of <paramref name="bucketBytes"/> or less in the mean; else the next.</summary>
    public SnapshotLayout For(long stateBytes, int bucketBytes)
    {
        var mean = bucketBytes / 2;
        if (BucketCount > 0 && stateBytes <= (long)BucketCount * mean)
        {
            return this;
        }

        // Twice what is needed, so that a state that grows steadily is spread anew at each doubling only.
        var count = Math.Max(1, BucketCount);
        while (stateBytes * 2 > (long)count * mean && count < 1 << 20)
        {
            count *= 2;
        }

        return new SnapshotLayout(Number + 1, count);
    }

    /// <summary>The bucket of a key; 0 before the first snapshot. The hash is part of the stored format.</summary>
    public int BucketOf(ObjectKey key)
    {
        var hash = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(key.Name.AsSpan()), key.Kind);
        return (int)(hash & (ulong)(Math.Max(1, BucketCount) - 1));
    }
}
