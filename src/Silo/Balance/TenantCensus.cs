using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Vallum.Silo.Balance;

/// <summary>The tenants that this silo serves.</summary>
internal sealed class TenantCensus
{
    private readonly ConcurrentDictionary<string, object> _served = new(StringComparer.Ordinal);

    public int Count => _served.Count;

    public ImmutableArray<string> Names => [.. _served.Keys];

    public void Came(string tenant, object activation) => _served[tenant] = activation;

    /// <summary>An activation that ended late does not take its successor with it.</summary>
    public void Went(string tenant, object activation) => _served.TryRemove(KeyValuePair.Create(tenant, activation));
}
