using System.Collections.Concurrent;
using Vallum.Credentials;

namespace Vallum.Silo.Security.Callers;

/// <summary>The open connections of this silo whose peers have shown certificates: where one ends or is revoked, so does its connection.</summary>
internal sealed partial class PeerConnections(TimeProvider time, ILogger<PeerConnections> logger)
{
    private readonly ConcurrentDictionary<PeerConnection, WatchedFiles<PeerTrust>> _open = [];

    public int Count => _open.Count;

    /// <summary>Until the answer is disposed of.</summary>
    public IDisposable Watch(PeerConnection connection, WatchedFiles<PeerTrust> trust)
    {
        _open[connection] = trust;
        return new Watching(this, connection);
    }

    /// <summary>Ends those whose certificate counted, and does no more.</summary>
    public void EndRefused()
    {
        var now = time.GetUtcNow();
        foreach (var (connection, trust) in _open)
        {
            if (connection.WasKnown && connection.Judge(trust.Current, now) is PeerJudgement.Refused refused && _open.TryRemove(connection, out _))
            {
                LogEnded(connection.Address, refused.Words, refused.Reason);
                connection.Abort(refused.Words);
            }
        }
    }

    private sealed class Watching(PeerConnections all, PeerConnection connection) : IDisposable
    {
        public void Dispose() => all._open.TryRemove(connection, out _);
    }

    [LoggerMessage(EventId = 1511, Level = LogLevel.Warning, Message = "The connection from {Address} is ended: {Words} ({Reason})")]
    private partial void LogEnded(System.Net.EndPoint? address, string words, string reason);
}
