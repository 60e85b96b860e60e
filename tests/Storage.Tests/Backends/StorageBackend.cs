using Orleans.Storage;

namespace Vallum.Storage.Tests.Backends;

/// <summary>Something that keeps grain state, and keeps it when it is closed and opened again.</summary>
public abstract class StorageBackend : IAsyncDisposable
{
    public abstract IGrainStorage Storage { get; }

    /// <summary>Ends the connection and makes a new one, as a process does that starts again.</summary>
    public abstract Task ReopenAsync();

    /// <summary>From here on nothing is answered; what waits for too long fails.</summary>
    public abstract Task FreezeAsync();

    /// <summary>Answers again, also what it was asked while it was frozen.</summary>
    public abstract Task ThawAsync();

    /// <summary>What keeps the state ends without warning and comes back, as far as it is a process of its own; connections are not made anew.</summary>
    public abstract Task RestartAsync();

    /// <summary>Throws everything away, behind the back of those who are connected.</summary>
    public abstract Task EmptyAsync();

    public abstract ValueTask DisposeAsync();
}
