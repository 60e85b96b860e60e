using System.Collections.Immutable;

namespace Vallum.Cluster.Objects;

/// <summary>Which changes are asked for; all that is said must hold.</summary>
/// <param name="Kinds">None: all kinds.</param>
/// <param name="Name">Empty: objects of any name.</param>
/// <param name="Actor">Empty: whoever asked for the change.</param>
/// <param name="Since">At that time or later; null: however long ago.</param>
/// <param name="Until">Before that time; null: up to now.</param>
/// <param name="After">Where an earlier answer ended; null: from the newest change on.</param>
/// <param name="Limit">Changes in an answer at most.</param>
[GenerateSerializer, Immutable, Alias("vallum.HistoryRequest")]
public sealed record HistoryRequest(
    [property: Id(0)] ImmutableArray<ObjectKind> Kinds,
    [property: Id(1)] string Name,
    [property: Id(2)] string Actor,
    [property: Id(3)] DateTimeOffset? Since,
    [property: Id(4)] DateTimeOffset? Until,
    [property: Id(5)] HistoryBookmark? After,
    [property: Id(6)] int Limit);

/// <summary>Where an answer ended. Of use only to the scope that gave it.</summary>
[GenerateSerializer, Immutable, Alias("vallum.HistoryBookmark")]
public sealed record HistoryBookmark(
    [property: Id(0)] long Revision,
    [property: Id(1)] int Index,
    [property: Id(2)] long CalmRow,
    [property: Id(3)] long BusyRow);

/// <param name="Revision">The scope's.</param>
/// <param name="Changes">Newest first.</param>
/// <param name="Next">Where to go on; null: nothing older is remembered.</param>
[GenerateSerializer, Immutable, Alias("vallum.HistoryReply")]
public sealed record HistoryReply(
    [property: Id(0)] long Revision,
    [property: Id(1)] ImmutableArray<RecordedChange> Changes,
    [property: Id(2)] HistoryBookmark? Next);

/// <summary>A change that was made.</summary>
/// <param name="RequestId">Empty: the caller gave none.</param>
/// <param name="Before">Null when there was none, of endpoints, and where a batch was too large to say it.</param>
/// <param name="After">Null: deleted.</param>
/// <param name="Current">The object is now as this change left it.</param>
[GenerateSerializer, Immutable, Alias("vallum.RecordedChange")]
public sealed record RecordedChange(
    [property: Id(0)] long Revision,
    [property: Id(1)] DateTimeOffset Time,
    [property: Id(2)] string Actor,
    [property: Id(3)] string RequestId,
    [property: Id(4)] ObjectKind Kind,
    [property: Id(5)] string Name,
    [property: Id(6)] ObjectDocument? Before,
    [property: Id(7)] ObjectDocument? After,
    [property: Id(8)] bool Current)
{
    /// <summary>The first change of every object has generation 1, so it is known without what was before.</summary>
    public ChangeType Type => After is null ? ChangeType.Deleted : After.Generation == 1 ? ChangeType.Created : ChangeType.Updated;
}
