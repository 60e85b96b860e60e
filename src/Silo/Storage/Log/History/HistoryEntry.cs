namespace Vallum.Silo.Storage.Log.History;

/// <summary>A change that was made, and who asked for it.</summary>
[GenerateSerializer, Immutable, Alias("vallum.log.historyEntry")]
internal sealed record HistoryEntry
{
    [Id(0)]
    public long Revision { get; init; }

    /// <summary>Which of its batch's changes it is.</summary>
    [Id(1)]
    public int Index { get; init; }

    [Id(2)]
    public DateTimeOffset Time { get; init; }

    [Id(3)]
    public string Actor { get; init; } = "";

    /// <summary>Null when the caller gave the request no name.</summary>
    [Id(4)]
    public string? RequestId { get; init; }

    [Id(5)]
    public ObjectChange Change { get; init; } = new();

    public HistoryPosition Position => new(Revision, Index);

    /// <summary>About how many bytes it takes in a row.</summary>
    public int Bytes => 64 + Actor.Length + (RequestId?.Length ?? 0) + Change.Bytes;

    /// <summary>The changes of a batch, in its order.</summary>
    public static IEnumerable<HistoryEntry> Of(Batch batch) => batch.Changes.Select((change, index) => new HistoryEntry
    {
        Revision = batch.Revision,
        Index = index,
        Time = batch.Time,
        Actor = batch.Actor,
        RequestId = batch.RequestId,
        Change = change,
    });
}

/// <summary>The order of all changes of a log: by revision, and within a batch by place.</summary>
internal readonly record struct HistoryPosition(long Revision, int Index) : IComparable<HistoryPosition>
{
    public static HistoryPosition End { get; } = new(long.MaxValue, int.MaxValue);

    public int CompareTo(HistoryPosition other) => (Revision, Index).CompareTo((other.Revision, other.Index));
}
