using System.Collections.Immutable;
using Orleans.Storage;

namespace Vallum.Silo.Storage.Log;

/// <summary>The last row of the log, to which batches are added until it is sealed, and what must be known of the sealed rows before it.</summary>
internal sealed class LogTail(LogRows rows, ObjectLogOptions options, long epoch)
{
    private volatile ImmutableList<SealedRow> _sealed = [];
    private List<Batch> _batches = [];
    private long _number;
    private int _bytes;
    private bool _takenOver;
    private StoredRow<LogRow> _row = rows.Log(0);

    /// <summary>Oldest first. A batch that is acknowledged is in one of them or in the row behind the last.</summary>
    public ImmutableList<SealedRow> Sealed => _sealed;

    /// <summary>Rows that a manifest may drop: all but those that hold the batches to retain, and none that has a batch after <paramref name="covered"/>.</summary>
    /// <returns>The first row that stays, and the last revision before it; null when all stay.</returns>
    public (long FirstRow, long DroppedRevision)? Droppable(long covered)
    {
        var batches = _batches.Count;
        var bytes = _bytes;
        var stay = _sealed.Count;
        while (stay > 0 && (_sealed[stay - 1].LastRevision > covered || (batches < options.RetainedBatches && bytes < options.CompactionBytes)))
        {
            stay--;
            batches += _sealed[stay].Batches;
            bytes += _sealed[stay].Bytes;
        }

        return stay == 0 ? null : (_sealed[stay - 1].Number + 1, _sealed[stay - 1].LastRevision);
    }

    /// <summary>Forgets the rows before <paramref name="firstRow"/>.</summary>
    public void Drop(long firstRow) => _sealed = _sealed.RemoveAll(row => row.Number < firstRow);

    /// <summary>Makes the batches durable by one row write.</summary>
    /// <exception cref="InconsistentStateException">Another owner has the log.</exception>
    public async Task AppendAsync(IReadOnlyList<Batch> batches)
    {
        var begun = _batches.Count > 0 || _takenOver;
        _batches.AddRange(batches);
        _bytes += batches.Sum(batch => batch.Bytes);
        var full = _bytes >= options.RowBytes;
        await WriteAsync(full);
        if (!begun)
        {
            await EnsureOwnedAsync();
        }

        if (full)
        {
            Seal();
        }
    }

    /// <summary>
    /// Takes over a row as an earlier owner left it. A sealed one needs no write, for nobody writes it again; the first that is not sealed, or not there, is
    /// written unchanged: that gives it a new ETag, and the earlier owner's next append fails.
    /// </summary>
    /// <returns>True when the row is the tail and now ours.</returns>
    /// <exception cref="InconsistentStateException">The earlier owner wrote the row meanwhile: read it again.</exception>
    public async Task<bool> TakeOverAsync(long number, StoredRow<LogRow> row, LogRow? content)
    {
        (_number, _row) = (number, row);
        _batches = [.. content?.Batches ?? []];
        _bytes = _batches.Sum(batch => batch.Bytes);
        if (content is { Sealed: true })
        {
            Seal();
            return false;
        }

        await WriteAsync(full: false);
        _takenOver = true;
        return true;
    }

    /// <summary>
    /// A row that is there is fenced by its ETag, but not one that is not: a later owner may have made the same row, filled, dropped and deleted it before
    /// this owner, stopped meanwhile, made it again. So a row that was just made counts only if the epoch has not moved since.
    /// </summary>
    /// <exception cref="InconsistentStateException">It has.</exception>
    public async Task EnsureOwnedAsync()
    {
        var current = await rows.Manifest().ReadAsync();
        if (current?.Epoch != epoch)
        {
            throw new InconsistentStateException($"Grain {rows.GrainId}: the log was opened again, under epoch {current?.Epoch} after {epoch}.");
        }
    }

    private Task WriteAsync(bool full) => _row.WriteAsync(new LogRow { Epoch = epoch, Sealed = full, Batches = [.. _batches] });

    private void Seal()
    {
        _sealed = _sealed.Add(new SealedRow(_number, _batches[^1].Revision, _batches.Count, _bytes));
        _number++;
        _row = rows.Log(_number);
        (_batches, _bytes, _takenOver) = ([], 0, false);
    }
}

/// <summary>What must be known of a log row that is not written again.</summary>
internal readonly record struct SealedRow(long Number, long LastRevision, int Batches, int Bytes);
