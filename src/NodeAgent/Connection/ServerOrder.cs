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

    public Uri Current => _servers[_current % _servers.Length];

    public void Advance() => _current++;
}
