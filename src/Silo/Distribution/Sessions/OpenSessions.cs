using System.Collections.Concurrent;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>The streams of agents that are open on this silo, by node.</summary>
internal sealed class OpenSessions(TimeProvider time)
{
    // An agent that could not reach where it was sent is back; it is not sent again at once.
    private static readonly TimeSpan Respite = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, AgentSession> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _sent = new(StringComparer.Ordinal);

    /// <summary>How many, how many of them are behind, and for how long the one that has been so longest.</summary>
    public (int Open, int Behind, TimeSpan Lag) Count()
    {
        var (open, behind, lag) = (0, 0, TimeSpan.Zero);
        foreach (var session in _open.Values)
        {
            open++;
            if (session.BehindFor is { } since)
            {
                behind++;
                lag = since > lag ? since : lag;
            }
        }

        return (open, behind, lag);
    }

    /// <summary>Nodes whose agents go where they are sent, and were not sent away in the last minutes.</summary>
    public IEnumerable<string> Movable()
    {
        foreach (var (node, at) in _sent)
        {
            if (time.GetUtcNow() - at > Respite)
            {
                _sent.TryRemove(node, out _);
            }
        }

        return _open.Where(pair => pair.Value.IsMovable && !_sent.ContainsKey(pair.Key)).Select(pair => pair.Key);
    }

    /// <summary>Tells the node's agent to connect to <paramref name="server"/>, and ends its stream.</summary>
    public void Send(string node, string server)
    {
        if (_open.TryGetValue(node, out var session))
        {
            _sent[node] = time.GetUtcNow();
            session.SendTo(server);
        }
    }

    public void Add(string node, AgentSession session) => _open[node] = session;

    /// <summary>A stream that ended late does not take the node's next one with it.</summary>
    public void Remove(string node, AgentSession session) => _open.TryRemove(KeyValuePair.Create(node, session));
}
