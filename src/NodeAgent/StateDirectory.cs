namespace Vallum.NodeAgent;

/// <summary>What makes a state directory one agent's own.</summary>
internal static class StateDirectory
{
    /// <summary>Holds the directory until it is disposed, or the process ends; null when another process does.</summary>
    public static IDisposable? TryOwn(string lockPath)
    {
        try
        {
            return new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Made at the first start, the same ever after.</summary>
    public static string InstanceId(string path)
    {
        if (File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } known)
        {
            return known;
        }

        var made = Guid.NewGuid().ToString("N");
        var temporary = path + ".new";
        File.WriteAllText(temporary, made + "\n");
        File.Move(temporary, path, overwrite: true);
        return made;
    }
}
