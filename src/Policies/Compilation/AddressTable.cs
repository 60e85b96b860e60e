using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>Which endpoints have an address: one as a rule, more while it changes hands.</summary>
internal sealed class AddressTable
{
    private readonly Dictionary<Address, PlacedEndpoint> _owners = [];
    private readonly Dictionary<Address, List<PlacedEndpoint>> _furtherOwners = [];

    /// <summary>Some address is at more than one endpoint.</summary>
    public bool AnyShared => _furtherOwners.Count > 0;

    public void Add(PlacedEndpoint endpoint)
    {
        foreach (var address in endpoint.Value.Addresses.Distinct())
        {
            if (_owners.TryAdd(address, endpoint))
            {
                continue;
            }

            if (!_furtherOwners.TryGetValue(address, out var further))
            {
                _furtherOwners.Add(address, further = []);
            }

            further.Add(endpoint);
        }
    }

    public void Remove(PlacedEndpoint endpoint)
    {
        foreach (var address in endpoint.Value.Addresses.Distinct())
        {
            var further = _furtherOwners.GetValueOrDefault(address);
            if (_owners[address] != endpoint)
            {
                further?.Remove(endpoint);
            }
            else if (further is null)
            {
                _owners.Remove(address);
            }
            else
            {
                _owners[address] = further[^1];
                further.RemoveAt(further.Count - 1);
            }

            if (further is { Count: 0 })
            {
                _furtherOwners.Remove(address);
            }
        }
    }

    public IEnumerable<PlacedEndpoint> Owners(Address address) =>
        _owners.TryGetValue(address, out var owner) ? [owner, .. _furtherOwners.GetValueOrDefault(address) ?? []] : [];
}
