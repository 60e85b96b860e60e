using System.Collections.Immutable;

namespace Vallum.Silo.Storage.Log.History;

/// <summary>Which changes are asked for; all that is said must hold.</summary>
internal sealed record HistoryQuery
{
    /// <summary>None: all kinds that are remembered.</summary>
    public ImmutableArray<int> Kinds { get; init; } = [];

    public string? Name { get; init; }

    public string? Actor { get; init; }

    /// <summary>Changes at that time or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Changes before that time.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Where an earlier answer ended; null: from the newest change on.</summary>
    public HistoryCursor? After { get; init; }

    /// <summary>Entries in an answer at most.</summary>
    public int Limit { get; init; } = 100;

    public bool Matches(HistoryEntry entry) =>
        (Name is null || entry.Change.Name == Name)
        && (Actor is null || entry.Actor == Actor)
        && (Since is null || entry.Time >= Since)
        && (Until is null || entry.Time < Until);
}

/// <summary>Where a reading stopped.</summary>
/// <param name="Position">Of the last change that was looked at; what is next is before it.</param>
/// <param name="CalmRow">All rows after this one have been looked at; <see cref="long.MaxValue"/>: none has.</param>
/// <param name="BusyRow">The other stream's.</param>
internal sealed record HistoryCursor(HistoryPosition Position, long CalmRow, long BusyRow)
{
    public static HistoryCursor Start { get; } = new(HistoryPosition.End, long.MaxValue, long.MaxValue);
}

/// <param name="Entries">Newest first.</param>
/// <param name="Next">Where to go on; null: nothing older is remembered.</param>
internal sealed record HistoryPage(ImmutableArray<HistoryEntry> Entries, HistoryCursor? Next);
