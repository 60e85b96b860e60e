namespace Vallum.Lab;

/// <summary>The lines that a process writes: kept, waited for, and copied to a file.</summary>
internal sealed class OutputLines : IDisposable
{
    /// <summary>Lines that are shown when something fails.</summary>
    private const int Shown = 60;

    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<(string Text, TaskCompletionSource<string> Found)> _waiting = [];
    private readonly StreamWriter? _log;

    public OutputLines(string? file)
    {
        _log = file is null ? null : new StreamWriter(file, append: true) { AutoFlush = true };
    }

    /// <param name="line">Null marks the end of one output and is no line.</param>
    public void Add(string? line)
    {
        if (line is null)
        {
            return;
        }
        lock (_gate)
        {
            _lines.Add(line);
            _log?.WriteLine(line);
            foreach (var (text, found) in _waiting)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    found.TrySetResult(line);
                }
            }
            _waiting.RemoveAll(waiting => waiting.Found.Task.IsCompleted);
        }
    }

    public Task<string> FindAsync(string text, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
            {
                return Task.FromResult(line);
            }
            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((text, found));
            return found.Task.WaitAsync(cancellationToken);
        }
    }

    public string Last()
    {
        lock (_gate)
        {
            return string.Join('\n', _lines.TakeLast(Shown));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _log?.Dispose();
        }
    }
}
