using Orleans.Storage;

namespace Vallum.Silo.Storage.Log.History;

/// <summary>
/// The part of a compaction that is about the past: what the log rows that go say of changes is put into history rows, and what is beyond the budget is let
/// go of. Nothing of it counts before the manifest names it.
/// </summary>
internal sealed class HistoryArchive(LogContents log, ObjectLogOptions options, TimeProvider time)
{
    private readonly List<StreamArchive> _streams =
        [.. options.History is { } history ? Enum.GetValues<HistoryStream>().Select(stream => new StreamArchive(log, stream, history.BudgetOf(stream), options.BucketBytes)) : []];

    /// <summary>The work, one row at a time, for the log rows from the manifest's first up to <paramref name="firstRow"/>.</summary>
    public async IAsyncEnumerable<int> StepsAsync(long firstRow, long droppedRevision)
    {
        foreach (var stream in _streams)
        {
            stream.Begin();
        }

        for (var number = log.Manifest.FirstRow; _streams.Count > 0 && number < firstRow; number++)
        {
            var row = await log.Rows.Log(number).ReadAsync()
                ?? throw new InconsistentStateException($"Grain {log.Rows.GrainId}: a later owner has dropped row {number} of the log.");
            yield return 1;
            foreach (var entry in row.Batches.SelectMany(HistoryEntry.Of))
            {
                if (StreamOf(entry) is { } stream)
                {
                    await foreach (var _ in stream.AddAsync(entry))
                    {
                        yield return 1;
                    }
                }
            }
        }

        foreach (var stream in _streams)
        {
            await foreach (var _ in stream.EndAsync(time.GetUtcNow(), droppedRevision))
            {
                yield return 1;
            }
        }
    }

    /// <summary>The manifest with the history as it is after the work.</summary>
    public LogManifest NameIn(LogManifest manifest) => _streams.Aggregate(manifest, (named, stream) => named.With(stream.Stream, stream.Range));

    private StreamArchive? StreamOf(HistoryEntry entry) =>
        options.History?.StreamOf(entry.Change.Kind) is { } stream ? _streams[(int)stream] : null;
}
