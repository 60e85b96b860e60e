namespace Vallum.Silo.Storage.Log.History;

/// <summary>What a log remembers of changes when their log rows go, and for how long.</summary>
internal sealed class HistoryOptions
{
    /// <summary>The stream of a kind; null: its changes are not remembered.</summary>
    public required Func<int, HistoryStream?> StreamOf { get; init; }

    /// <summary>Default 64 MiB, 400 days.</summary>
    public HistoryBudget Calm { get; init; } = new(64 << 20, TimeSpan.FromDays(400));

    /// <summary>Default 8 MiB, 30 days.</summary>
    public HistoryBudget Busy { get; init; } = new(8 << 20, TimeSpan.FromDays(30));

    /// <summary>Rows that one question reads at most; default 16. What it has not found by then, the next one goes on to look for.</summary>
    public int RowsPerQuestion { get; init; } = 16;

    /// <summary>An answer ends behind the entry with which it has this much; bytes, default 1 MiB.</summary>
    public int BytesPerAnswer { get; init; } = 1 << 20;

    public HistoryBudget BudgetOf(HistoryStream stream) => stream == HistoryStream.Calm ? Calm : Busy;
}

/// <param name="Bytes">About how much is kept; beyond it the oldest goes, a row at a time. 0: nothing is kept.</param>
/// <param name="Age">What is older goes, at the next compaction.</param>
internal sealed record HistoryBudget(long Bytes, TimeSpan Age);
