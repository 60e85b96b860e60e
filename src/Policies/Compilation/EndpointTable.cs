using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>The tenant's endpoints, and the bindings of the nodes that they are on.</summary>
internal sealed class EndpointTable(IdentityTable identities, AddressTable addresses, DeltaBook book)
{
    private readonly Dictionary<string, PlacedEndpoint> _endpoints = new(StringComparer.Ordinal);
    private readonly Dictionary<NodeName, NodeBinding> _bindings = [];
    private readonly List<NodeBinding> _idle = [];

    public int Count => _endpoints.Count;

    public IReadOnlyDictionary<NodeName, NodeBinding> Bindings => _bindings;

    public PlacedEndpoint? Find(string name) => _endpoints.GetValueOrDefault(name);

    public void Put(Endpoint value, Tenant tenant)
    {
        if (_endpoints.TryGetValue(value.Id.Name, out var before))
        {
            if (before.Value.Equals(value))
            {
                return;
            }

            Withdraw(before);
        }

        Place(value, tenant);
    }

    public void Remove(string name)
    {
        if (_endpoints.Remove(name, out var endpoint))
        {
            Withdraw(endpoint);
        }
    }

    /// <summary>The endpoints' segments have changed, though they have not.</summary>
    public void PlaceAnew(IEnumerable<PlacedEndpoint> endpoints, Tenant tenant)
    {
        foreach (var endpoint in endpoints)
        {
            Withdraw(endpoint);
            Place(endpoint.Value, tenant);
        }
    }

    /// <summary>Ends the bindings that hold nothing any more. At the end of a batch: who left in it may have come back.</summary>
    public void Sweep()
    {
        foreach (var binding in _idle)
        {
            if (binding.Endpoints.Count == 0 && _bindings.Remove(binding.Node))
            {
                book.Dies(binding);
            }
        }

        _idle.Clear();
    }

    private void Place(Endpoint value, Tenant tenant)
    {
        var endpoint = new PlacedEndpoint(value);
        _endpoints[value.Id.Name] = endpoint;
        if (value.HostNetwork)
        {
            return;
        }

        var traits = identities.TraitsOf(value.Segment, value.Labels);
        endpoint.Traits = traits;
        traits.Endpoints.Add(endpoint);
        addresses.Add(endpoint);
        foreach (var part in traits.Parts)
        {
            foreach (var member in endpoint.Members(part.Value.Port))
            {
                book.Gains(part, member);
            }
        }

        if (value.Node is { } node && !value.Addresses.IsEmpty)
        {
            Bind(endpoint, traits, node, tenant);
        }
    }

    private void Bind(PlacedEndpoint endpoint, Traits traits, NodeName node, Tenant tenant)
    {
        var value = endpoint.Value;
        var profile = identities.ProfileOf(traits, value.NamedPorts, tenant);
        profile.Nodes[node] = profile.Nodes.GetValueOrDefault(node) + 1;
        if (!_bindings.TryGetValue(node, out var binding))
        {
            _bindings.Add(node, binding = new NodeBinding(node));
            book.Born(binding);
        }

        var entry = new ResourceEntry.BoundEndpoint(value.Id, Normalised(value.Addresses), value.Interface, profile.Id);
        binding.Endpoints.Add(entry);
        book.Gains(binding, entry);
        endpoint.Bond = new Bond(binding, profile, entry);
    }

    private void Withdraw(PlacedEndpoint endpoint)
    {
        if (endpoint.Traits is not { } traits)
        {
            return;
        }

        foreach (var part in traits.Parts)
        {
            foreach (var member in endpoint.Members(part.Value.Port))
            {
                book.Loses(part, member);
            }
        }

        addresses.Remove(endpoint);
        traits.Endpoints.Remove(endpoint);
        identities.Left(traits);
        if (endpoint.Bond is { } bond)
        {
            Unbind(bond);
        }
    }

    private void Unbind(Bond bond)
    {
        var (binding, profile, entry) = bond;
        book.Loses(binding, entry);
        binding.Endpoints.Remove(entry);
        if (binding.Endpoints.Count == 0)
        {
            _idle.Add(binding);
        }

        if (profile.Nodes[binding.Node] == 1)
        {
            profile.Nodes.Remove(binding.Node);
        }
        else
        {
            profile.Nodes[binding.Node]--;
        }

        identities.Left(profile);
    }

    private static ImmutableArray<Address> Normalised(ImmutableArray<Address> addresses) =>
        addresses.Length == 1 ? addresses : [.. addresses.Distinct().Order()];
}
