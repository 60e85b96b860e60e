using System.Net;

namespace Vallum.Lab.Sctp;

/// <summary>One association in the making, seen from the side that asked for it.</summary>
/// <param name="tag">Ours; every packet to us carries it.</param>
internal sealed class SctpAttempt(IPAddress to, int port, uint tag)
{
    private readonly TaskCompletionSource<string?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string _server = "";

    public IPAddress To => to;

    public int Port => port;

    public uint Tag => tag;

    /// <summary>Theirs, once they accepted.</summary>
    public uint ServerTag { get; private set; }

    /// <summary>Who answered; null if they aborted.</summary>
    public Task<string?> Answer => _answer.Task;

    public void Accepted(uint serverTag, string server)
    {
        ServerTag = serverTag;
        _server = server;
    }

    public void Established() => _answer.TrySetResult(_server);

    public void Aborted() => _answer.TrySetResult(null);
}
