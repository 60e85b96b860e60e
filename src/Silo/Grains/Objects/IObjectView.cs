using Vallum.Cluster.Objects;
using Vallum.Primitives;

namespace Vallum.Silo.Grains.Objects;

/// <summary>The objects of a scope at one moment.</summary>
internal interface IObjectView
{
    ScopeObject? Find(ScopeKey key);

    /// <summary>In no order.</summary>
    IEnumerable<ScopeObject> All(ObjectKind kind);

    /// <summary>The name of the endpoint, not on the host's network, that has the address; null when none has.</summary>
    string? EndpointAt(Address address);
}
