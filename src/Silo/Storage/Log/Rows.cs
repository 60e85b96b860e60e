using System.Collections.Immutable;
using Vallum.Silo.Storage.Log.History;

namespace Vallum.Silo.Storage.Log;

/// <summary>The row that says where the others are. Whoever opens the log raises <see cref="Epoch"/> first.</summary>
[GenerateSerializer, Alias("vallum.log.manifest")]
internal sealed record LogManifest
{
    /// <summary>Counts the openings of the log; each is by one owner.</summary>
    [Id(0)]
    public long Epoch { get; init; }

    /// <summary>The first log row that is read; those before it are in the snapshot.</summary>
    [Id(1)]
    public long FirstRow { get; init; }

    /// <summary>The revision of the last batch before <see cref="FirstRow"/>; 0 when there is none.</summary>
    [Id(2)]
    public long DroppedRevision { get; init; }

    /// <summary>The revision that the snapshot holds at least, in every bucket that changed until then.</summary>
    [Id(3)]
    public long SnapshotRevision { get; init; }

    [Id(4)]
    public SnapshotLayout Layout { get; init; } = SnapshotLayout.None;

    /// <summary>Rows [FirstRequestRow, NextRequestRow) hold the requests of dropped log rows.</summary>
    [Id(5)]
    public long FirstRequestRow { get; init; }

    [Id(6)]
    public long NextRequestRow { get; init; }

    /// <summary>What an earlier compaction was about to delete, and may not have; null when it has.</summary>
    [Id(7)]
    public Leftovers? Leftovers { get; init; }

    [Id(8)]
    public HistoryRange CalmHistory { get; init; }

    [Id(9)]
    public HistoryRange BusyHistory { get; init; }

    /// <summary>Where the history of dropped log rows is.</summary>
    public HistoryRange HistoryOf(HistoryStream stream) => stream == HistoryStream.Calm ? CalmHistory : BusyHistory;

    public LogManifest With(HistoryStream stream, HistoryRange range) =>
        stream == HistoryStream.Calm ? this with { CalmHistory = range } : this with { BusyHistory = range };
}

/// <summary>Rows that nothing names any more: log rows, request rows and history rows before the manifest's first, and a whole layout of buckets.</summary>
[GenerateSerializer, Alias("vallum.log.leftovers")]
internal sealed record Leftovers
{
    [Id(0)]
    public long FirstRow { get; init; }

    [Id(1)]
    public long FirstRequestRow { get; init; }

    [Id(2)]
    public SnapshotLayout Layout { get; init; } = SnapshotLayout.None;

    [Id(3)]
    public long FirstCalmHistoryRow { get; init; }

    [Id(4)]
    public long FirstBusyHistoryRow { get; init; }

    public long FirstHistoryRow(HistoryStream stream) => stream == HistoryStream.Calm ? FirstCalmHistoryRow : FirstBusyHistoryRow;
}

/// <summary>Batches, oldest first. A sealed row is never written again, and only behind a sealed row is there another.</summary>
[GenerateSerializer, Alias("vallum.log.row")]
internal sealed class LogRow
{
    /// <summary>Of the owner that wrote it.</summary>
    [Id(0)]
    public long Epoch { get; init; }

    [Id(1)]
    public bool Sealed { get; init; }

    [Id(2)]
    public ImmutableArray<Batch> Batches { get; init; } = [];
}

/// <summary>The objects whose keys hash to one bucket, as they were at a revision.</summary>
[GenerateSerializer, Alias("vallum.log.bucket")]
internal sealed class BucketRow
{
    /// <summary>Of the owner that wrote it.</summary>
    [Id(0)]
    public long Epoch { get; init; }

    [Id(1)]
    public long Revision { get; init; }

    [Id(2)]
    public ImmutableArray<ObjectChange> Objects { get; init; } = [];
}

/// <summary>Requests, oldest first.</summary>
[GenerateSerializer, Alias("vallum.log.requests")]
internal sealed class RequestRow
{
    /// <summary>Of the owner that wrote it.</summary>
    [Id(0)]
    public long Epoch { get; init; }

    [Id(1)]
    public ImmutableArray<RememberedRequest> Requests { get; init; } = [];
}
