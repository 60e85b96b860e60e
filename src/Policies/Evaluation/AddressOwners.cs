using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Evaluation;

/// <summary>Who has an address, looked up once for a state.</summary>
internal sealed class AddressOwners
{
    private readonly Dictionary<Address, Endpoint> _managed = [];
    private readonly Dictionary<Address, ImmutableArray<NodeName>> _hostNetwork = [];
    private readonly Dictionary<Address, ImmutableArray<Node>> _nodes = [];

    private readonly ClusterState _state;

    /// <exception cref="ArgumentException">Two endpoints that are not hostNetwork have one address: no verdict would be true.</exception>
    public AddressOwners(ClusterState state)
    {
        _state = state;
        foreach (var endpoint in state.Endpoints.Values)
        {
            foreach (var address in endpoint.Addresses)
            {
                if (endpoint.HostNetwork)
                {
                    _hostNetwork[address] = [.. _hostNetwork.GetValueOrDefault(address, []), .. endpoint.Node is { } node ? new[] { node } : []];
                }
                else if (!_managed.TryAdd(address, endpoint) && _managed[address].Id != endpoint.Id)
                {
                    throw new ArgumentException($"{address} belongs to both {_managed[address].Id} and {endpoint.Id}.", nameof(state));
                }
            }
        }

        foreach (var node in state.Nodes.Values)
        {
            foreach (var address in node.Addresses)
            {
                _nodes[address] = [.. NodesWith(address), node];
            }
        }
    }

    /// <summary>The endpoint that is not hostNetwork and has the address, or null: there is none.</summary>
    public Endpoint? Managed(Address address) => _managed.GetValueOrDefault(address);

    /// <summary>Whether a hostNetwork endpoint has the address.</summary>
    public bool IsHostNetwork(Address address) => _hostNetwork.ContainsKey(address);

    public ImmutableArray<Node> NodesWith(Address address) => _nodes.GetValueOrDefault(address, []);

    /// <summary>The nodes whose own the address is, as far as the objects tell: those that list it, and those of hostNetwork endpoints that have it.</summary>
    public IEnumerable<Node> Hosts(Address address) =>
        NodesWith(address).Concat(_hostNetwork.GetValueOrDefault(address, []).Select(n => _state.Nodes.GetValueOrDefault(n)).OfType<Node>()).Distinct();
}
