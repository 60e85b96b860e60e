using Orleans.Storage;

namespace Vallum.Storage.Tests.Backends;

/// <summary>Something that keeps grain state, and keeps it when it is closed and opened again.</summary>
public abstract class StorageBackend : IAsyncDisposable
{
    public abstract IGrainStorage Storage { get; }

    /// <summary>Ends the connection and makes a new one, as a process does that starts again.</summary>
    public abstract Task ReopenAsync();

    public abstract ValueTask DisposeAsync();
}
