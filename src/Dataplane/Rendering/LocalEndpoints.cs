using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// One address of an endpoint of this node. <paramref name="Own"/>: the endpoint's addresses of the family, this one included.
/// <paramref name="Profile"/> null: endpoints with different profiles claim the address, so nothing is allowed to it.
/// </summary>
internal sealed record LocalAddress(Address Address, ImmutableArray<Address> Own, ImmutableArray<string> Interfaces, bool Placed, string? Profile);

/// <summary>The addresses of this node's endpoints in one family, ascending, and the profiles that judge them.</summary>
internal sealed record LocalEndpoints(ImmutableArray<LocalAddress> Addresses, ImmutableArray<string> Profiles)
{
    public static readonly LocalEndpoints None = new([], []);

    public static LocalEndpoints Of(NodeState state, IpFamily family)
    {
        ImmutableArray<LocalAddress> addresses =
        [
            .. state.Bindings
                .SelectMany(b => b.Addresses.Where(a => a.Family == family).Distinct().Select(a => (Address: a, Binding: b)))
                .GroupBy(c => c.Address, c => c.Binding)
                .Select(claims => Join(claims.Key, [.. claims], family))
                .OrderBy(l => l.Address),
        ];
        return new LocalEndpoints(addresses, [.. addresses.Select(a => a.Profile).OfType<string>().Distinct()]);
    }

    private static LocalAddress Join(Address address, ImmutableArray<Binding> claims, IpFamily family)
    {
        var profiles = claims.Select(c => c.Profile).Distinct().ToImmutableArray();
        ImmutableArray<Address> own = claims.Length == 1
            ? [.. claims[0].Addresses.Where(a => a.Family == family).Distinct().Order()]
            : [address];
        return new LocalAddress(
            address,
            own,
            [.. claims.Select(c => c.Interface).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
            claims.All(c => c.Interface is not null),
            profiles.Length == 1 ? profiles[0] : null);
    }
}
