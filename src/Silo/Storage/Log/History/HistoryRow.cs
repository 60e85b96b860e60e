using System.Collections.Immutable;

namespace Vallum.Silo.Storage.Log.History;

/// <summary>
/// Changes of one stream, oldest first. The last row of a stream is continued until it is full, so it may hold changes that the manifest does not know of
/// yet: what came after the manifest's dropped revision is read from the log, and not from here.
/// </summary>
[GenerateSerializer, Alias("vallum.log.history")]
internal sealed class HistoryRow
{
    /// <summary>Of the owner that wrote it.</summary>
    [Id(0)]
    public long Epoch { get; init; }

    [Id(1)]
    public ImmutableArray<HistoryEntry> Entries { get; init; } = [];

    /// <summary>The part that counts for who has dropped log rows up to a revision.</summary>
    public IEnumerable<HistoryEntry> UpTo(long droppedRevision) => Entries.TakeWhile(entry => entry.Revision <= droppedRevision);
}

/// <summary>Rows [First, Next) are a stream's history, together <see cref="Bytes"/> large.</summary>
[GenerateSerializer, Immutable, Alias("vallum.log.historyRange")]
internal readonly record struct HistoryRange([property: Id(0)] long First, [property: Id(1)] long Next, [property: Id(2)] long Bytes)
{
    public bool IsEmpty => First == Next;
}
