using Grpc.Net.Client;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Scenarios.Judging;

/// <summary>All that a control plane says it has, by name.</summary>
internal sealed class StoredObjects(GrpcChannel silo)
{
    private const int PageSize = 1_000;

    private readonly Dictionary<string, ApiObject> _found = [];

    public static async Task<IReadOnlyDictionary<string, ApiObject>> ReadAsync(GrpcChannel silo, CancellationToken cancellationToken)
    {
        var reader = new StoredObjects(silo);
        await reader.ReadAsync(cancellationToken);
        return reader._found;
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await ListAsync("", new NodeService.NodeServiceClient(silo).ListNodesAsync, page => page.Nodes.Select(one => new ApiObject { Node = one }), page => page.NextPageToken, cancellationToken);
        await ListAsync("", new TenantService.TenantServiceClient(silo).ListTenantsAsync, page => page.Tenants.Select(one => new ApiObject { Tenant = one }), page => page.NextPageToken, cancellationToken);
        foreach (var tenant in _found.Values.Where(one => one.Tenant is not null).Select(one => one.Tenant.Name).ToList())
        {
            await ListAsync(tenant, new SegmentService.SegmentServiceClient(silo).ListSegmentsAsync, page => page.Segments.Select(one => new ApiObject { Segment = one }), page => page.NextPageToken, cancellationToken);
            await ListAsync(tenant, new EndpointService.EndpointServiceClient(silo).ListEndpointsAsync, page => page.Endpoints.Select(one => new ApiObject { Endpoint = one }), page => page.NextPageToken, cancellationToken);
            await ListAsync(tenant, new PolicyService.PolicyServiceClient(silo).ListPoliciesAsync, page => page.Policies.Select(one => new ApiObject { Policy = one }), page => page.NextPageToken, cancellationToken);
        }
    }

    private async Task ListAsync<TPage>(
        string parent,
        Func<ListRequest, Grpc.Core.Metadata?, DateTime?, CancellationToken, Grpc.Core.AsyncUnaryCall<TPage>> list,
        Func<TPage, IEnumerable<ApiObject>> objects,
        Func<TPage, string> next,
        CancellationToken cancellationToken)
    {
        var request = new ListRequest { Parent = parent, PageSize = PageSize };
        do
        {
            var page = await list(request, null, DateTime.UtcNow.AddMinutes(1), cancellationToken);
            foreach (var one in objects(page))
            {
                _found[one.NameOf()] = one;
            }

            request.PageToken = next(page);
        }
        while (request.PageToken.Length > 0);
    }
}
