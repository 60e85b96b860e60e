using System.Collections.Immutable;

namespace Vallum.Cluster;

/// <summary>Key: a shard number, "0" to "63". Knows durably which endpoint claims an address, so that one address has one owner in the cluster.</summary>
[Alias("vallum.IAddressShardGrain")]
public interface IAddressShardGrain : IGrainWithStringKey
{
    const int Shards = 64;

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
}

/// <param name="Displaces">The tenant whose stale claim goes; empty: none.</param>
[GenerateSerializer, Immutable, Alias("vallum.AddressClaim")]
public sealed record AddressClaim([property: Id(0)] string Address, [property: Id(1)] string Displaces);

[GenerateSerializer, Immutable, Alias("vallum.AddressOwner")]
public sealed record AddressOwner([property: Id(0)] string Address, [property: Id(1)] string Tenant);
