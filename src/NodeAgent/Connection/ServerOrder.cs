using System.Collections.Immutable;
using System.Text;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Connection;

/// <summary>
/// The silos in an order of the node's own (rendezvous hashing): nodes spread evenly, and come back to the same silo when it does. After a failure the
/// next one is tried.
/// </summary>
internal sealed class ServerOrder(string node, IEnumerable<Uri> servers)
{
    private readonly ImmutableArray<Uri> _servers =
        [.. servers.OrderByDescending(s => Digest.Of(Encoding.UTF8.GetBytes($"{node} {s}")).Value).ThenBy(s => s.ToString(), StringComparer.Ordinal)];

    private int _current;
    private Uri? _sentTo;

    public Uri Current => _sentTo ?? _servers[_current % _servers.Length];

    /// <summary>The current one has failed.</summary>
    public void Advance()
    {
        if (_sentTo is null)
        {
            _current++;
        }

        _sentTo = null;
    }

    /// <summary>The current one has sent the agent away: to <paramref name="server"/>, or, with null, to any other. Fails that one, the order is as it was.</summary>
    public void Leave(Uri? server)
    {
        if (server is null)
        {
            Advance();
        }

        _sentTo = server;
    }
}
