namespace Vallum.Silo.Storage.Log.History;

/// <summary>Answers one question: from memory, then from log rows, then from history rows, newest first, until it has enough or has read its share.</summary>
internal sealed class HistoryReader(LogRows rows, HistoryOptions? options, HistoryView view, HistoryQuery query)
{
    /// <summary>Clocks of silos that had the log after each other differ by less than this.</summary>
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly HistoryCursor _from = query.After ?? HistoryCursor.Start;
    private readonly List<HistoryEntry> _found = [];
    private HistoryPosition _at = (query.After ?? HistoryCursor.Start).Position;
    private int _rowsLeft = options?.RowsPerQuestion ?? 0;
    private int _bytesLeft = options?.BytesPerAnswer ?? 0;
    private bool _enough;
    private bool _tooOld;

    /// <summary>Null: a log row has gone meanwhile, ask again with a new view.</summary>
    public async Task<HistoryPage?> ReadAsync()
    {
        if (options is null)
        {
            return new HistoryPage([], null);
        }

        Take(view.Retained);
        foreach (var (number, after) in view.LogRows().Where(row => row.After < _at.Revision).TakeWhile(_ => !IsDone))
        {
            if (_rowsLeft-- == 0)
            {
                return Page(_from.CalmRow, _from.BusyRow);
            }

            if (await rows.Log(number).ReadAsync() is not { } row)
            {
                return null;
            }

            Take(row.Batches.Where(batch => batch.Revision > after && batch.Revision <= view.RetainedAfter));
            if (!IsDone)
            {
                // A row may have nothing but batches without changes: it has been looked at all the same.
                _at = new HistoryPosition(after + 1, 0);
            }
        }

        return IsDone ? Page(_from.CalmRow, _from.BusyRow) : await ReadHistoryAsync();
    }

    private bool IsDone => _enough || _tooOld;

    private async Task<HistoryPage> ReadHistoryAsync()
    {
        StreamWalk calm = new(rows, HistoryStream.Calm, view.Manifest, Wants(HistoryStream.Calm) ? _from.CalmRow : -1);
        StreamWalk busy = new(rows, HistoryStream.Busy, view.Manifest, Wants(HistoryStream.Busy) ? _from.BusyRow : -1);
        while (!IsDone)
        {
            var unread = calm.NeedsRow ? calm : busy.NeedsRow ? busy : null;
            if (unread is not null && _rowsLeft-- == 0)
            {
                break;
            }

            if (unread is not null)
            {
                await unread.ReadAsync();
            }
            else if (Newer(calm, busy) is { Head: { } entry } walk)
            {
                walk.Pass();
                Take(entry);
            }
            else
            {
                return new HistoryPage([.. _found], null);
            }
        }

        return Page(calm.Row, busy.Row);
    }

    private static StreamWalk Newer(StreamWalk one, StreamWalk other) =>
        other.Head is { } there && (one.Head is not { } here || there.Position.CompareTo(here.Position) > 0) ? other : one;

    private bool Wants(HistoryStream stream) => query.Kinds.IsEmpty || query.Kinds.Any(kind => options!.StreamOf(kind) == stream);

    private HistoryPage Page(long calmRow, long busyRow) => new([.. _found], _tooOld ? null : new HistoryCursor(_at, calmRow, busyRow));

    private void Take(IEnumerable<Batch> batches)
    {
        foreach (var entry in batches.Where(batch => batch.Revision <= _at.Revision).Reverse().SelectMany(batch => HistoryEntry.Of(batch).Reverse()))
        {
            if (IsDone)
            {
                return;
            }

            Take(entry);
        }
    }

    private void Take(HistoryEntry entry)
    {
        if (entry.Position.CompareTo(_at) >= 0)
        {
            return;
        }

        _at = entry.Position;
        _tooOld = query.Since is { } since && entry.Time < since - ClockSkew;
        if (options!.StreamOf(entry.Change.Kind) is not null && (query.Kinds.IsEmpty || query.Kinds.Contains(entry.Change.Kind)) && query.Matches(entry))
        {
            _found.Add(entry);
            _bytesLeft -= entry.Bytes;
            _enough = _found.Count >= query.Limit || _bytesLeft <= 0;
        }
    }
}
