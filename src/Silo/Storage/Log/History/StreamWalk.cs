namespace Vallum.Silo.Storage.Log.History;

/// <summary>Goes through a stream's rows, newest entry first.</summary>
/// <param name="from">The first row that is read, unless it is past the last.</param>
internal sealed class StreamWalk(LogRows rows, HistoryStream stream, LogManifest manifest, long from)
{
    private readonly HistoryRange _range = manifest.HistoryOf(stream);
    private readonly Stack<HistoryEntry> _entries = [];
    private long _next = Math.Min(from, manifest.HistoryOf(stream).Next - 1);

    /// <summary>The entry that is next; null: a row must be read, or there is none.</summary>
    public HistoryEntry? Head => _entries.TryPeek(out var entry) ? entry : null;

    public bool NeedsRow => _entries.Count == 0 && _next >= _range.First;

    /// <summary>The row at which a later walk goes on.</summary>
    public long Row => _entries.Count == 0 ? _next : _next + 1;

    public void Pass() => _entries.Pop();

    /// <summary>A row that is not there any more has been let go of meanwhile, with all before it.</summary>
    public async Task ReadAsync()
    {
        var content = await rows.History(stream, _next).ReadAsync();
        _next--;
        foreach (var entry in content?.UpTo(manifest.DroppedRevision) ?? [])
        {
            _entries.Push(entry);
        }
    }
}
