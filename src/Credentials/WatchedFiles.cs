namespace Vallum.Credentials;

/// <summary>Files that are read again when they have changed.</summary>
public interface IWatchedFiles
{
    /// <summary>Their paths, for people.</summary>
    string Names { get; }

    /// <summary>Looks whether a file has changed, and reads all of them again if so. One caller at a time.</summary>
    /// <returns>Null: nothing has changed.</returns>
    FileChange? Check();
}

/// <param name="Failure">Why the new files cannot be used; null: they are in force.</param>
public sealed record FileChange(string? Failure);

/// <summary>
/// What some files say, read again when they have changed. A change that cannot be read is told once, and what was read before stays in force: half-copied
/// files, or a certificate whose key is still on its way, cut nobody off.
/// </summary>
public sealed class WatchedFiles<T> : IWatchedFiles
    where T : class
{
    private readonly string[] _paths;
    private readonly Func<T> _load;
    private string _stamp;
    private volatile T _current;

    /// <exception cref="InvalidDataException">As <paramref name="load"/> throws it: at first there is nothing to stay in force.</exception>
    /// <exception cref="IOException">A file is not there.</exception>
    public WatchedFiles(IEnumerable<string> paths, Func<T> load)
    {
        (_paths, _load) = ([.. paths], load);
        _stamp = Stamp();
        _current = load();
    }

    public T Current => _current;

    public string Names => string.Join(", ", _paths);

    public FileChange? Check()
    {
        var stamp = Stamp();
        if (stamp == _stamp)
        {
            return null;
        }

        _stamp = stamp;
        try
        {
            _current = _load();
            return new FileChange(null);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new FileChange(exception.Message);
        }
    }

    /// <summary>A link that is pointed elsewhere is another file, as Kubernetes replaces its secrets.</summary>
    private string Stamp() => string.Join('\n', _paths.Select(path =>
    {
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return target.Exists ? $"{target.FullName} {target.LastWriteTimeUtc.Ticks} {target.Length}" : $"{path} is not there";
    }));
}
