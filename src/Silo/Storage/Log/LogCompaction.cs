using Vallum.Silo.Storage.Log.History;

namespace Vallum.Silo.Storage.Log;

/// <summary>
/// Renews the snapshot and drops the log rows that it makes needless. Between two of its steps batches may be appended. It may end after any step, also for
/// ever: what it has written by then is only a second copy of what the log still says, or rows that the manifest lists as leftovers.
/// </summary>
/// <remarks>
/// An earlier owner that has not noticed its end may still write a bucket: that bucket then holds the state at one of its revisions, all of which the log
/// holds until the manifest drops them, and the manifest is no longer the earlier owner's to write.
/// </remarks>
internal sealed class LogCompaction(LogContents log, ObjectLogOptions options, TimeProvider time)
{
    private readonly HistoryArchive _history = new(log, options, time);

    /// <summary>True when there is enough to do. The limits grow with the state, so that renewing the snapshot stays in proportion to what was appended.</summary>
    public bool IsDue =>
        log.Manifest.Leftovers is not null
        || log.ChangesSinceSnapshot >= Math.Max(options.CompactionChanges, log.Committed.Objects.Count)
        || log.BytesSinceSnapshot >= Math.Max(options.CompactionBytes, log.Buckets.Bytes);

    /// <summary>The work, one row at a time. Each yielded value is the number of steps done.</summary>
    public async IAsyncEnumerable<int> StepsAsync()
    {
        var steps = 0;
        await foreach (var _ in DeleteLeftoversAsync())
        {
            yield return ++steps;
        }

        if (!IsDue)
        {
            yield break;
        }

        var covered = log.Committed.Revision;
        (log.ChangesSinceSnapshot, log.BytesSinceSnapshot) = (0, 0);
        var replaced = SpreadAnew();
        foreach (var index in log.Buckets.Dirty)
        {
            await log.Buckets.WriteAsync(index, log.Committed, log.Manifest.Epoch);
            yield return ++steps;
        }

        var manifest = log.Manifest;
        var (firstRow, droppedRevision) = log.Tail.Droppable(covered) ?? (manifest.FirstRow, manifest.DroppedRevision);
        var nextRequestRow = manifest.NextRequestRow;
        foreach (var row in RequestRows(manifest.DroppedRevision, droppedRevision))
        {
            await log.Rows.Requests(nextRequestRow).WriteUnnamedAsync(row, manifest.Epoch, left => left.Epoch);
            log.RequestRows.Enqueue((nextRequestRow++, row.Requests[^1].RequestId));
            yield return ++steps;
        }

        await foreach (var _ in _history.StepsAsync(firstRow, droppedRevision))
        {
            yield return ++steps;
        }

        await log.WriteManifestAsync(_history.NameIn(manifest) with
        {
            FirstRow = firstRow,
            DroppedRevision = droppedRevision,
            SnapshotRevision = covered,
            Layout = log.Buckets.Layout,
            FirstRequestRow = FirstRequestRowStillNeeded(nextRequestRow),
            NextRequestRow = nextRequestRow,
            Leftovers = new Leftovers
            {
                FirstRow = manifest.FirstRow,
                FirstRequestRow = manifest.FirstRequestRow,
                Layout = replaced,
                FirstCalmHistoryRow = manifest.CalmHistory.First,
                FirstBusyHistoryRow = manifest.BusyHistory.First,
            },
        });
        log.Tail.Drop(firstRow);
        yield return ++steps;

        await foreach (var _ in DeleteLeftoversAsync())
        {
            yield return ++steps;
        }
    }

    /// <summary>Spreads the objects over more buckets when they have become too large.</summary>
    /// <returns>The layout that is given up; none when it stays.</returns>
    private SnapshotLayout SpreadAnew()
    {
        var current = log.Buckets.Layout;
        var next = current.For(log.Buckets.Bytes, options.BucketBytes);
        if (next == current)
        {
            return SnapshotLayout.None;
        }

        log.Buckets = SnapshotBuckets.Spread(log.Rows, next, log.Committed);
        return current;
    }

    /// <summary>The requests whose log rows are about to be dropped, in rows of their own.</summary>
    private List<RequestRow> RequestRows(long from, long to)
    {
        List<RequestRow> filled = [];
        List<RememberedRequest> row = [];
        var bytes = 0;
        foreach (var request in log.Requests.Between(from, to))
        {
            row.Add(request);
            bytes += request.Bytes;
            if (bytes >= options.BucketBytes)
            {
                filled.Add(new RequestRow { Epoch = log.Manifest.Epoch, Requests = [.. row] });
                row.Clear();
                bytes = 0;
            }
        }

        return row.Count == 0 ? filled : [.. filled, new RequestRow { Epoch = log.Manifest.Epoch, Requests = [.. row] }];
    }

    private long FirstRequestRowStillNeeded(long nextRequestRow)
    {
        while (log.RequestRows.TryPeek(out var oldest) && log.Requests.Find(oldest.NewestRequest) is null)
        {
            log.RequestRows.Dequeue();
        }

        return log.RequestRows.TryPeek(out var first) ? first.Number : nextRequestRow;
    }

    private async IAsyncEnumerable<int> DeleteLeftoversAsync()
    {
        if (log.Manifest.Leftovers is not { } leftovers)
        {
            yield break;
        }

        for (var number = leftovers.FirstRow; number < log.Manifest.FirstRow; number++)
        {
            await log.Rows.Log(number).DeleteAsync();
            yield return 1;
        }

        for (var number = leftovers.FirstRequestRow; number < log.Manifest.FirstRequestRow; number++)
        {
            await log.Rows.Requests(number).DeleteAsync();
            yield return 1;
        }

        foreach (var stream in Enum.GetValues<HistoryStream>())
        {
            for (var number = leftovers.FirstHistoryRow(stream); number < log.Manifest.HistoryOf(stream).First; number++)
            {
                await log.Rows.History(stream, number).DeleteAsync();
                yield return 1;
            }
        }

        for (var index = 0; index < leftovers.Layout.BucketCount; index++)
        {
            await log.Rows.Bucket(leftovers.Layout.Number, index).DeleteAsync();
            yield return 1;
        }

        await log.WriteManifestAsync(log.Manifest with { Leftovers = null });
        yield return 1;
    }
}
