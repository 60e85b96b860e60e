using Vallum.Cluster.Objects;

namespace Vallum.Cluster;

/// <summary>
/// Key: "cluster". Owns the cluster's own objects: nodes, network sets, the operator's policies; and the directory of tenants with their labels.
/// Every silo follows it with one parked <see cref="IObjectScope.Feed"/>.
/// </summary>
[Alias("vallum.IClusterGrain")]
public interface IClusterGrain : IGrainWithStringKey, IObjectScope
{
    /// <summary>The one key.</summary>
    const string Key = "cluster";

    /// <summary>A tenant is about to change its name's existence or its labels: remembered durably until <see cref="CompleteTenant"/>, so that a crash between the two is found.</summary>
    [Alias("BeginTenant")]
    Task BeginTenant(string tenant);

    /// <summary>What the tenant committed. <paramref name="document"/> null: there is no such tenant any more. Older revisions than the last told are ignored.</summary>
    /// <returns>The cluster's revision from which on the directory says so.</returns>
    [Alias("CompleteTenant")]
    Task<long> CompleteTenant(string tenant, long revision, ObjectDocument? document);
}
