using System.Collections.Immutable;

namespace Vallum.Silo.Storage.Log.History;

/// <summary>Where a log's past is at one moment: the last batches in memory, those before them in log rows, those before them in history rows.</summary>
/// <param name="Retained">Oldest first; all batches after <paramref name="RetainedAfter"/>.</param>
/// <param name="Sealed">Oldest first; behind the last there may be one more row.</param>
internal sealed record HistoryView(ImmutableArray<Batch> Retained, long RetainedAfter, ImmutableList<SealedRow> Sealed, LogManifest Manifest)
{
    public static HistoryView Of(LogContents log)
    {
        var after = log.Retained.DroppedRevision;

        // The rows before the manifest: a compaction moves the manifest first. What it says to be dropped is then not looked for in the rows.
        var rows = log.Tail.Sealed;
        return new HistoryView(log.Retained.After(after)!.Value, after, rows, log.Manifest);
    }

    /// <summary>The log rows with batches that memory no longer has, newest first: the number, and the last revision before the row.</summary>
    public IEnumerable<(long Number, long After)> LogRows()
    {
        var rows = Sealed.Where(row => row.Number >= Manifest.FirstRow).ToList();
        for (var index = rows.Count; index >= 0; index--)
        {
            var number = index > 0 ? rows[index - 1].Number + 1 : Manifest.FirstRow;
            var after = index > 0 ? rows[index - 1].LastRevision : Manifest.DroppedRevision;
            if (after < RetainedAfter)
            {
                yield return (number, after);
            }
        }
    }
}
