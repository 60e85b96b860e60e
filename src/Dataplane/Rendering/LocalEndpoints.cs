using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// One address of an endpoint of this node. <paramref name="Own"/>: the endpoint's addresses of the family that no other claims, and this one.
/// <paramref name="Profile"/> null: endpoints with different profiles claim the address, so nothing is allowed to it.
/// </summary>
internal sealed record LocalAddress(Address Address, ImmutableArray<Address> Own, ImmutableArray<string> Interfaces, bool Placed, string? Profile);

/// <summary>The addresses of this node's endpoints in one family, ascending, and the profiles that judge them.</summary>
internal sealed record LocalEndpoints(ImmutableArray<LocalAddress> Addresses, ImmutableArray<string> Profiles)
{
    public static readonly LocalEndpoints None = new([], []);

    public static LocalEndpoints Of(NodeState state, IpFamily family)
    {
        var claims = state.Bindings
            .SelectMany(b => b.Addresses.Where(a => a.Family == family).Distinct().Select(a => (Address: a, Binding: b)))
            .ToLookup(c => c.Address, c => c.Binding);
        ImmutableArray<LocalAddress> addresses = [.. claims.Select(c => Join(c.Key, [.. c], claims)).OrderBy(l => l.Address)];
        return new LocalEndpoints(addresses, [.. addresses.Select(a => a.Profile).OfType<string>().Distinct()]);
    }

    private static LocalAddress Join(Address address, ImmutableArray<Binding> claims, ILookup<Address, Binding> all)
    {
        var profiles = claims.Select(c => c.Profile).Distinct().ToImmutableArray();
        ImmutableArray<Address> own = claims.Length == 1
            ? [.. claims[0].Addresses.Where(a => a.Family == address.Family && all[a].Count() == 1).Distinct().Order()]
            : [address];
        return new LocalAddress(
            address,
            own,
            [.. claims.Select(c => c.Interface).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
            claims.All(c => c.Interface is not null),
            profiles.Length == 1 ? profiles[0] : null);
    }
}
