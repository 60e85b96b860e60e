using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Contracts.Api.V1;
using Endpoint = Vallum.Contracts.Api.V1.Endpoint;

namespace Vallum.Silo.Api;

internal sealed class EndpointService(IGrainFactory grains) : Contracts.Api.V1.EndpointService.EndpointServiceBase
{
    private readonly StandardMethods<Endpoint> _methods = new(ObjectKinds.Endpoint, grains);

    public override Task<Endpoint> GetEndpoint(GetRequest request, ServerCallContext context) => _methods.GetAsync(request);

    public override async Task<ListEndpointsResponse> ListEndpoints(ListRequest request, ServerCallContext context)
    {
        var (page, next) = await _methods.ListAsync(request, context);
        return new ListEndpointsResponse { Endpoints = { page }, NextPageToken = next };
    }

    public override Task<Endpoint> CreateEndpoint(CreateEndpointRequest request, ServerCallContext context) =>
        _methods.CreateAsync(request.Endpoint, request.RequestId, request.ValidateOnly, context);

    public override Task<Endpoint> UpdateEndpoint(UpdateEndpointRequest request, ServerCallContext context) =>
        _methods.UpdateAsync(request.Endpoint, request.AllowMissing, request.RequestId, request.ValidateOnly, context);

    public override async Task<Empty> DeleteEndpoint(DeleteRequest request, ServerCallContext context)
    {
        await _methods.DeleteAsync(request, context);
        return new Empty();
    }
}
