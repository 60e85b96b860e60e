using Orleans.Storage;

namespace Vallum.Silo.Storage.Log.History;

/// <summary>Writes one stream's rows. The last row is continued, so that a compaction that has little to say does not leave a row of its own.</summary>
/// <remarks>
/// An earlier owner that has not noticed its end may still continue the row too: with changes that the log holds until the manifest, which is not the
/// earlier owner's to write, drops them. They are left out when the row is continued, and by whoever reads.
/// </remarks>
internal sealed class StreamArchive(LogContents log, HistoryStream stream, HistoryBudget budget, int rowBytes)
{
    private readonly List<HistoryEntry> _entries = [];
    private StoredRow<HistoryRow>? _continued;
    private long _bytes;
    private bool _begun;
    private (long Number, long Bytes, DateTimeOffset Newest)? _oldest;

    public HistoryStream Stream => stream;

    /// <summary>The stream's rows as they are to be named.</summary>
    public HistoryRange Range { get; private set; }

    public void Begin()
    {
        Range = log.Manifest.HistoryOf(stream);
        (_begun, _continued, _bytes) = (false, null, 0);
        _entries.Clear();
    }

    /// <summary>Each yielded value is a row read or written.</summary>
    public async IAsyncEnumerable<int> AddAsync(HistoryEntry entry)
    {
        if (budget.Bytes == 0)
        {
            yield break;
        }

        if (!_begun)
        {
            await ContinueLastAsync();
            yield return 1;
        }

        _entries.Add(entry);
        _bytes += entry.Bytes;
        if (_bytes >= rowBytes)
        {
            await WriteAsync();
            yield return 1;
        }
    }

    /// <summary>Writes what is left, and lets the oldest rows go until the rest is within the budget.</summary>
    public async IAsyncEnumerable<int> EndAsync(DateTimeOffset now, long droppedRevision)
    {
        if (_entries.Count > 0)
        {
            await WriteAsync();
            yield return 1;
        }

        while (!Range.IsEmpty)
        {
            if (_oldest?.Number != Range.First)
            {
                await LookAtOldestAsync(droppedRevision);
                yield return 1;
            }

            var (number, bytes, newest) = _oldest!.Value;
            if (Range.Bytes <= budget.Bytes && now - newest <= budget.Age)
            {
                break;
            }

            Range = new HistoryRange(number + 1, Range.Next, number + 1 == Range.Next ? 0 : Range.Bytes - bytes);
        }

        if (Range.First >= Range.Next - 1)
        {
            // The last row grows.
            _oldest = null;
        }
    }

    private async Task ContinueLastAsync()
    {
        _begun = true;
        if (Range.IsEmpty)
        {
            return;
        }

        var row = log.Rows.History(stream, Range.Next - 1);
        var content = await row.ReadAsync();
        if (content?.Epoch > log.Manifest.Epoch)
        {
            throw new InconsistentStateException($"Grain {log.Rows.GrainId}: the log was opened again, under epoch {content.Epoch} after {log.Manifest.Epoch}.");
        }

        var counts = content?.UpTo(log.Manifest.DroppedRevision).ToList() ?? [];
        var bytes = counts.Sum(entry => (long)entry.Bytes);
        if (content is not null && bytes < rowBytes)
        {
            (_continued, _bytes) = (row, bytes);
            _entries.AddRange(counts);
            Range = new HistoryRange(Range.First, Range.Next - 1, Range.Bytes - bytes);
        }
    }

    private async Task WriteAsync()
    {
        var content = new HistoryRow { Epoch = log.Manifest.Epoch, Entries = [.. _entries] };
        if (_continued is { } row)
        {
            await row.WriteAsync(content);
        }
        else
        {
            await log.Rows.History(stream, Range.Next).WriteUnnamedAsync(content, log.Manifest.Epoch, left => left.Epoch);
        }

        Range = new HistoryRange(Range.First, Range.Next + 1, Range.Bytes + _bytes);
        (_continued, _bytes) = (null, 0);
        _entries.Clear();
    }

    /// <summary>A row that is not there counts nothing, and goes.</summary>
    private async Task LookAtOldestAsync(long droppedRevision)
    {
        var content = await log.Rows.History(stream, Range.First).ReadAsync();
        var counts = content?.UpTo(droppedRevision).ToList() ?? [];
        var newest = counts.Count == 0 ? DateTimeOffset.MinValue : counts[^1].Time;
        _oldest = (Range.First, counts.Sum(entry => (long)entry.Bytes), newest);
    }
}
