using System.Collections.Immutable;
using Vallum.Cluster;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>
/// Claims a tenant's addresses in the cluster. Whoever is found in the way is asked: a claim that its tenant knows nothing of is left from a crash between
/// claim and commit, and goes; but only that very claim, for the tenant may be claiming anew just now.
/// </summary>
internal sealed class AddressClaims(IGrainFactory grains, TenantName tenant)
{
    /// <summary>Every further round means that a claim was made anew while its tenant was asked; then that tenant answers for it.</summary>
    private const int Rounds = 4;

    /// <summary>Claims all, or answers the addresses that somebody else has, with their endpoints; then some may be claimed and must be released.</summary>
    public async Task<ImmutableDictionary<Address, EndpointId>> ClaimAsync(IReadOnlyCollection<Address> addresses)
    {
        var owners = ImmutableDictionary.CreateBuilder<Address, EndpointId>();
        var claims = addresses.Select(address => new AddressClaim(address.ToString(), 0)).ToList();
        for (var round = 0; round < Rounds && claims.Count > 0; round++)
        {
            var inTheWay = await Task.WhenAll(claims.GroupBy(claim => IAddressShardGrain.KeyOf(claim.Address))
                .Select(shard => grains.GetGrain<IAddressShardGrain>(shard.Key).Claim(tenant.Value, [.. shard])));
            var answers = await Task.WhenAll(inTheWay.SelectMany(shard => shard).Select(AskAsync));
            var stale = answers.Where(answer => answer.Endpoint is null).Select(answer => answer.Owner).ToDictionary(owner => owner.Address, owner => owner.Number);
            foreach (var (owner, endpoint) in answers.Where(answer => answer.Endpoint is not null))
            {
                owners[Address.Parse(owner.Address)] = new EndpointId(new TenantName(owner.Tenant), endpoint!);
            }

            // A shard claims all or none: where one claim was in the way, the others of its shard are claimed again with it.
            var refused = inTheWay.SelectMany(shard => shard).Select(owner => IAddressShardGrain.KeyOf(owner.Address)).ToHashSet();
            claims = [.. claims.Where(claim => refused.Contains(IAddressShardGrain.KeyOf(claim.Address)) && !owners.ContainsKey(Address.Parse(claim.Address)))
                .Select(claim => claim with { Displaces = stale.GetValueOrDefault(claim.Address) })];
        }

        return claims.Count == 0
            ? owners.ToImmutable()
            : throw new InvalidOperationException($"The addresses {string.Join(", ", claims.Select(claim => claim.Address))} change hands faster than they can be claimed.");
    }

    /// <summary>The addresses that endpoints of other tenants have just now. Nothing is claimed: a moment later it may be otherwise.</summary>
    public async Task<ImmutableDictionary<Address, EndpointId>> FindOwnersAsync(IReadOnlyCollection<Address> addresses)
    {
        var found = await Task.WhenAll(addresses.Select(address => address.ToString()).GroupBy(IAddressShardGrain.KeyOf)
            .Select(shard => grains.GetGrain<IAddressShardGrain>(shard.Key).ClaimsOfOthers(tenant.Value, [.. shard])));
        var answers = await Task.WhenAll(found.SelectMany(shard => shard).Select(AskAsync));
        return answers.Where(answer => answer.Endpoint is not null)
            .ToImmutableDictionary(answer => Address.Parse(answer.Owner.Address), answer => new EndpointId(new TenantName(answer.Owner.Tenant), answer.Endpoint!));
    }

    public Task ReleaseAsync(IEnumerable<Address> addresses) => Task.WhenAll(addresses.Select(address => address.ToString()).GroupBy(IAddressShardGrain.KeyOf)
        .Select(shard => grains.GetGrain<IAddressShardGrain>(shard.Key).Release(tenant.Value, [.. shard])));

    private async Task<(AddressOwner Owner, string? Endpoint)> AskAsync(AddressOwner owner) =>
        (owner, await grains.GetGrain<ITenantGrain>(owner.Tenant).OwnerOf(owner.Address));
}
