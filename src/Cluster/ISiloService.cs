using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Services;
using Vallum.Cluster.Status;

namespace Vallum.Cluster;

/// <summary>One per silo, asked by every silo: what it is and what it has to do.</summary>
[Alias("vallum.ISiloService")]
public interface ISiloService : IGrainService
{
    [AlwaysInterleave, Alias("Load")]
    Task<SiloLoad> Load();

    /// <summary>
    /// In the order of <paramref name="tenants"/>: the nodes of this silo that lag behind, also those that the tenant's owner has not heard of yet. Default: the
    /// silo does not know the cluster's revision yet.
    /// </summary>
    [AlwaysInterleave, Alias("Lagging")]
    Task<ImmutableArray<ImmutableArray<NodeProgress>>> Lagging(ImmutableArray<TenantAt> tenants);
}
