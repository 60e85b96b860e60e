using Vallum.Primitives;

namespace Vallum.Silo.Distribution.Content;

/// <summary>A head and a set of entries with their digest, which follows each change in constant time. Changed only under its owner's lock.</summary>
internal sealed class ResourceContent
{
    private readonly FewSet<Entry> _entries = new();

    public ResourceContent(byte[] head, IEnumerable<Entry> entries)
    {
        Head = head;
        Digest = ContentDigest.OfHead(head);
        if (entries.TryGetNonEnumeratedCount(out var count))
        {
            _entries.EnsureCapacity(count);
        }

        foreach (var entry in entries)
        {
            Add(entry);
        }
    }

    public byte[] Head { get; private set; }

    public FewSet<Entry> Entries => _entries;

    public Digest Digest { get; private set; }

    /// <summary>Bytes of all entries.</summary>
    public long Bytes { get; private set; }

    /// <exception cref="InvalidOperationException">The delta does not fit; the content is then undefined and must be replaced.</exception>
    public void Apply(ContentDelta delta)
    {
        if (delta.Head is { } head)
        {
            Digest = Digest - ContentDigest.OfHead(Head) + ContentDigest.OfHead(head);
            Head = head;
        }

        foreach (var entry in delta.Removed)
        {
            if (!_entries.Remove(entry))
            {
                throw new InvalidOperationException($"entry {entry} is removed but was not there");
            }

            Digest -= ContentDigest.OfEntry(entry);
            Bytes -= entry.Length;
        }

        foreach (var entry in delta.Added)
        {
            Add(entry);
        }
    }

    private void Add(Entry entry)
    {
        if (!_entries.Add(entry))
        {
            throw new InvalidOperationException($"entry {entry} is added but was there");
        }

        Digest += ContentDigest.OfEntry(entry);
        Bytes += entry.Length;
    }
}
