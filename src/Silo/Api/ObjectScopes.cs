using System.Collections.Immutable;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Manifests.Parsing;
using Vallum.Silo.Security.Access;

namespace Vallum.Silo.Api;

/// <summary>Finds the grain that owns a name.</summary>
internal static class ObjectScopes
{
    private const int PageSize = 1000;

    /// <param name="scope">"tenants/{tenant}", or "" for the cluster's own objects.</param>
    public static IObjectScope Scope(this IGrainFactory grains, string scope) => new RetriedScope(scope.Length == 0
        ? grains.GetGrain<IClusterGrain>(IClusterGrain.Key)
        : grains.GetGrain<ITenantGrain>(TenantOf(scope)));

    /// <summary>The scopes of all tenants, in order, as the directory knows them at this moment.</summary>
    public static async Task<ImmutableArray<string>> AllTenantsAsync(this IGrainFactory grains)
    {
        var scopes = ImmutableArray.CreateBuilder<string>();
        var after = "";
        for (var more = true; more;)
        {
            var page = await grains.Scope("").List(new ListObjects(ObjectKind.TenantEntry, after, PageSize));
            scopes.AddRange(page.Documents.Select(d => $"tenants/{d.Name}"));
            after = page.Documents.IsEmpty ? after : page.Documents[^1].Name;
            more = page.More;
        }

        return scopes.ToImmutable();
    }

    /// <summary>Those of all tenants that somebody may read, in order.</summary>
    public static async Task<ImmutableArray<string>> TenantsAsync(this IGrainFactory grains, Rights rights) =>
        [.. (await grains.AllTenantsAsync()).Where(scope => rights.MayRead(TenantOf(scope)))];

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
