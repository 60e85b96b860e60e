using System.Collections.Immutable;
using Orleans.Storage;

namespace Vallum.Silo.Storage.Log;

/// <summary>Opens a log: takes it from whoever had it, and makes of its rows what they say.</summary>
internal sealed class LogRecovery(LogRows rows, ObjectLogOptions options, TimeProvider time)
{
    private const int Attempts = 8;

    /// <summary>Rows read together at first, then twice as many each time: how many there are is not known before the first that is not sealed.</summary>
    private const int ReadsAtFirst = 8;

    private const int ReadsAtOnce = 64;

    public async Task<LogContents> OpenAsync()
    {
        var manifestRow = rows.Manifest();
        var manifest = await ClaimAsync(manifestRow);
        var objects = ImmutableDictionary.CreateBuilder<ObjectKey, StoredObject>();
        var buckets = await SnapshotBuckets.LoadAsync(rows, manifest.Layout, objects);
        var requestRows = await ReadRequestsAsync(manifest);
        var tail = new LogTail(rows, options, manifest.Epoch);
        var batches = await TakeOverAsync(tail, manifest);
        await tail.EnsureOwnedAsync();

        var contents = new LogContents(
            rows, manifestRow, manifest, tail, new RequestMemory(options, time), new RetainedBatches(options, manifest.DroppedRevision))
        {
            Buckets = buckets,
            Committed = LogState.Empty,
        };
        foreach (var (number, row) in requestRows)
        {
            foreach (var request in row.Requests)
            {
                contents.Requests.Add(request);
            }

            contents.RequestRows.Enqueue((number, row.Requests[^1].RequestId));
        }

        var revision = Replay(batches, contents, objects);
        contents.Committed = new LogState(revision, objects.ToImmutable());
        return contents;
    }

    /// <summary>Raises the epoch. From then on an earlier owner cannot move the manifest, so no row that is read below is dropped.</summary>
    private static async Task<LogManifest> ClaimAsync(StoredRow<LogManifest> row)
    {
        for (var attempt = 1; ; attempt++)
        {
            var found = await row.ReadAsync() ?? new LogManifest();
            var claimed = found with { Epoch = found.Epoch + 1 };
            try
            {
                await row.WriteAsync(claimed);
                return claimed;
            }
            catch (InconsistentStateException) when (attempt < Attempts)
            {
                // The earlier owner finished a compaction, or another opens the log at the same time.
            }
        }
    }

    private async Task<List<(long Number, RequestRow Row)>> ReadRequestsAsync(LogManifest manifest)
    {
        List<(long, RequestRow)> found = [];
        for (var first = manifest.FirstRequestRow; first < manifest.NextRequestRow; first += ReadsAtOnce)
        {
            var several = Enumerable.Range(0, (int)Math.Min(ReadsAtOnce, manifest.NextRequestRow - first)).Select(offset => first + offset).ToList();
            var contents = await Task.WhenAll(several.Select(number => rows.Requests(number).ReadAsync()));
            foreach (var (number, row) in several.Zip(contents))
            {
                found.Add((number, row ?? throw new InvalidDataException($"Grain {rows.GrainId}: row {number} of the log's requests is missing.")));
            }
        }

        return found;
    }

    private async Task<List<Batch>> TakeOverAsync(LogTail tail, LogManifest manifest)
    {
        List<Batch> batches = [];
        var conflicts = 0;
        var atOnce = ReadsAtFirst;
        for (var number = manifest.FirstRow; ; atOnce = Math.Min(2 * atOnce, ReadsAtOnce))
        {
            var several = Enumerable.Range(0, atOnce).Select(offset => (Number: number + offset, Row: rows.Log(number + offset))).ToList();
            var contents = await Task.WhenAll(several.Select(each => each.Row.ReadAsync()));
            foreach (var ((next, row), content) in several.Zip(contents))
            {
                if (content?.Epoch > manifest.Epoch)
                {
                    throw new InconsistentStateException($"Grain {rows.GrainId}: the log was opened again while it was being opened.");
                }

                try
                {
                    var ours = await tail.TakeOverAsync(next, row, content);
                    batches.AddRange(content?.Batches ?? []);
                    number = next + 1;
                    if (ours)
                    {
                        return batches;
                    }
                }
                catch (InconsistentStateException) when (++conflicts < Attempts)
                {
                    // The earlier owner appended between our reading and our writing: read on from this row.
                    number = next;
                    break;
                }
            }
        }
    }

    private long Replay(List<Batch> batches, LogContents contents, ImmutableDictionary<ObjectKey, StoredObject>.Builder objects)
    {
        var revision = contents.Manifest.DroppedRevision;
        foreach (var batch in batches)
        {
            if (batch.Revision <= revision)
            {
                throw new InvalidDataException($"Grain {rows.GrainId}: revision {batch.Revision} follows {revision} in the log.");
            }

            revision = batch.Revision;
            foreach (var change in batch.Changes.Where(change => !contents.Buckets.Holds(change.Key, batch.Revision)))
            {
                contents.Buckets.Apply(change);
                if (change.Object is { } next)
                {
                    objects[change.Key] = next;
                }
                else
                {
                    objects.Remove(change.Key);
                }
            }

            contents.Note(batch);
        }

        return revision;
    }
}
