using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Vallum.Cluster;

/// <summary>Key: a shard number, "0" to "63". Knows durably which endpoint claims an address, so that one address has one owner in the cluster.</summary>
[Alias("vallum.IAddressShardGrain")]
public interface IAddressShardGrain : IGrainWithStringKey
{
    const int Shards = 64;

    /// <summary>The key of the shard that knows an address, given in its canonical text; the same in every process.</summary>
    static string KeyOf(string address)
    {
        // FNV-1a: string.GetHashCode differs from process to process.
        var hash = 2166136261u;
        foreach (var character in address)
        {
            hash = (hash ^ character) * 16777619u;
        }

        return (hash % Shards).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Claims all or none, durably, for one tenant's endpoints. Answers the claims in the way, by address; empty: done. A claim by the same tenant is
    /// replaced: inside a tenant the tenant itself watches over addresses. <see cref="AddressClaim.Displaces"/> takes an address from a tenant that has
    /// said that it does not have it (a crash between claim and commit leaves such claims).
    /// </summary>
    [Alias("Claim")]
    Task<ImmutableArray<AddressOwner>> Claim(string tenant, ImmutableArray<AddressClaim> claims);

    /// <summary>Ends claims that <paramref name="tenant"/> holds; others are left alone.</summary>
    [Alias("Release")]
    Task Release(string tenant, ImmutableArray<string> addresses);

    /// <summary>Of these addresses, the claims of tenants other than <paramref name="tenant"/>. Nothing is claimed.</summary>
    [AlwaysInterleave, Alias("ClaimsOfOthers")]
    Task<ImmutableArray<AddressOwner>> ClaimsOfOthers(string tenant, ImmutableArray<string> addresses);

    /// <summary>The tenant that claims the address; null: none. A claim may be stale: only the tenant itself knows.</summary>
    [AlwaysInterleave, Alias("ClaimantOf")]
    Task<string?> ClaimantOf(string address);
}

/// <param name="Displaces">The number of the stale claim that goes, as <see cref="AddressOwner.Number"/> told it; 0: none. A claim made anew since then stays.</param>
[GenerateSerializer, Immutable, Alias("vallum.AddressClaim")]
public sealed record AddressClaim([property: Id(0)] string Address, [property: Id(1)] long Displaces);

/// <param name="Number">Of the claim; every claim, also of the same address by the same tenant, gets another.</param>
[GenerateSerializer, Immutable, Alias("vallum.AddressOwner")]
public sealed record AddressOwner([property: Id(0)] string Address, [property: Id(1)] string Tenant, [property: Id(2)] long Number);
