namespace Vallum.NodeAgent.Status;

/// <summary>The agent's status, changed from several threads and read whole.</summary>
internal sealed class StatusBoard(string node, TimeProvider time)
{
    private readonly Lock _lock = new();

    public AgentStatus Current { get; private set; } = new() { Node = node };

    public void Note(Func<AgentStatus, AgentStatus> change)
    {
        lock (_lock)
        {
            Current = change(Current);
        }
    }

    /// <param name="server">The silo that answered; null when the stream to it is gone.</param>
    public void NoteConnection(Uri? server)
    {
        var now = time.GetUtcNow();
        Note(s => s.Since is not null && s.ConnectedTo == server?.ToString() ? s : s with { ConnectedTo = server?.ToString(), Since = now });
    }
}
