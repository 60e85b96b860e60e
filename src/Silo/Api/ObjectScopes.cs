using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Manifests.Parsing;

namespace Vallum.Silo.Api;

/// <summary>Finds the grain that owns a name.</summary>
internal static class ObjectScopes
{
    /// <param name="scope">"tenants/{tenant}", or "" for the cluster's own objects.</param>
    public static IObjectScope Scope(this IGrainFactory grains, string scope) => scope.Length == 0
        ? grains.GetGrain<IClusterGrain>(IClusterGrain.Key)
        : grains.GetGrain<ITenantGrain>(TenantOf(scope));

    public static string TenantOf(string scope) => scope["tenants/".Length..];

    /// <summary>The name in a request, of the kind that the method is for.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT.</exception>
    public static ObjectName Parse(string text, ObjectType type, string field = "name") =>
        ObjectName.TryParse(text, out var name) && name.Type == type
            ? name
            : throw ApiError.Invalid(field, "INVALID_NAME", $"'{text}' is not a {type} name; {FormOf(type)}, in lower case letters, digits, '-' and '.'");

    private static string FormOf(ObjectType type) => type switch
    {
        ObjectType.Tenant => "write tenants/{tenant}",
        ObjectType.Segment => "write tenants/{tenant}/segments/{segment}",
        ObjectType.Endpoint => "write tenants/{tenant}/endpoints/{endpoint}",
        ObjectType.Node => "write nodes/{node}",
        ObjectType.NetworkSet => "write networkSets/{set}",
        _ => "write tenants/{tenant}/policies/{policy}, or policies/{policy} for the operator's",
    };
}
