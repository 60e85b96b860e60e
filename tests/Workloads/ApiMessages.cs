using Vallum.Manifests.Parsing;
using Vallum.Manifests.Writing;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Workloads;

/// <summary>Objects and changes of a world as an orchestrator says them.</summary>
public static class ApiMessages
{
    /// <summary>All objects of the tenant, what is named before what names it.</summary>
    public static IEnumerable<Api.Object> Messages(this TenantObjects tenant) => tenant.Puts.Select(put => put.Message()!);

    public static Api.Object Message(this Node node) => ApiObjects.Wrap(ObjectWriter.Write(node));

    /// <summary>The object that is put; null where one is removed.</summary>
    public static Api.Object? Message(this ClusterChange change) => change switch
    {
        ClusterChange.PutTenant put => ApiObjects.Wrap(ObjectWriter.Write(put.Tenant)),
        ClusterChange.PutSegment put => ApiObjects.Wrap(ObjectWriter.Write(put.Segment)),
        ClusterChange.PutEndpoint put => ApiObjects.Wrap(ObjectWriter.Write(put.Endpoint)),
        ClusterChange.PutPolicy put => ApiObjects.Wrap(ObjectWriter.Write(put.Policy)),
        ClusterChange.PutNode put => ApiObjects.Wrap(ObjectWriter.Write(put.Node)),
        ClusterChange.PutNetworkSet put => ApiObjects.Wrap(ObjectWriter.Write(put.NetworkSet)),
        _ => null,
    };

    /// <summary>The name of the object that is removed, as the API knows it; null where one is put.</summary>
    public static string? RemovedName(this ClusterChange change) => change switch
    {
        ClusterChange.RemoveTenant removal => $"tenants/{removal.Tenant}",
        ClusterChange.RemoveSegment removal => $"tenants/{removal.Tenant}/segments/{removal.Segment}",
        ClusterChange.RemoveEndpoint removal => $"tenants/{removal.Endpoint.Tenant}/endpoints/{removal.Endpoint.Name}",
        ClusterChange.RemovePolicy removal => removal.Policy.ToString(),
        ClusterChange.RemoveNode removal => $"nodes/{removal.Node}",
        ClusterChange.RemoveNetworkSet removal => $"networkSets/{removal.NetworkSet}",
        _ => null,
    };
}
