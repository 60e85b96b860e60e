using System.Collections.Immutable;

namespace Vallum.Silo.Distribution.Content;

/// <summary>From one content to the next. Entries are added that were not there and removed that were; <see cref="Head"/> null: it stays.</summary>
internal sealed record ContentDelta(byte[]? Head, ImmutableArray<Entry> Added, ImmutableArray<Entry> Removed)
{
    public bool IsEmpty => Head is null && Added.IsEmpty && Removed.IsEmpty;

    /// <summary>Entries that the delta carries.</summary>
    public int Count => Added.Length + Removed.Length;

    /// <summary>The delta that leads to <paramref name="after"/>: <c>before.Apply(Between(before, after))</c> equals <paramref name="after"/>.</summary>
    public static ContentDelta Between(ResourceContent before, ResourceContent after) => new(
        before.Head.AsSpan().SequenceEqual(after.Head) ? null : after.Head,
        [.. after.Entries.Where(e => !before.Entries.Contains(e))],
        [.. before.Entries.Where(e => !after.Entries.Contains(e))]);

    /// <summary>One delta for several that follow each other: what was added and removed again, or the other way round, cancels.</summary>
    public static ContentDelta Compose(IEnumerable<ContentDelta> deltas)
    {
        byte[]? head = null;
        var added = new HashSet<Entry>();
        var removed = new HashSet<Entry>();
        foreach (var delta in deltas)
        {
            head = delta.Head ?? head;
            foreach (var entry in delta.Removed)
            {
                if (!added.Remove(entry))
                {
                    removed.Add(entry);
                }
            }

            foreach (var entry in delta.Added)
            {
                if (!removed.Remove(entry))
                {
                    added.Add(entry);
                }
            }
        }

        return new ContentDelta(head, [.. added], [.. removed]);
    }
}
