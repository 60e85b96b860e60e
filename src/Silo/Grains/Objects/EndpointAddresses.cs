using Vallum.Primitives;
using Endpoint = Vallum.Policies.Model.Endpoint;

namespace Vallum.Silo.Grains.Objects;

internal static class EndpointAddresses
{
    /// <summary>The addresses that the object has for itself alone in the cluster: those of an endpoint that is not on the host's network.</summary>
    public static IEnumerable<Address> Owned(this ScopeObject? endpoint) =>
        endpoint?.Value is Endpoint { HostNetwork: false } value ? value.Addresses : [];
}
