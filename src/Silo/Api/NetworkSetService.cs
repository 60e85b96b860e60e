using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Api;

internal sealed class NetworkSetService(IGrainFactory grains) : Contracts.Api.V1.NetworkSetService.NetworkSetServiceBase
{
    private readonly StandardMethods<NetworkSet> _methods = new(ObjectKinds.NetworkSet, grains);

    public override Task<NetworkSet> GetNetworkSet(GetRequest request, ServerCallContext context) => _methods.GetAsync(request);

    public override async Task<ListNetworkSetsResponse> ListNetworkSets(ListRequest request, ServerCallContext context)
    {
        var (page, next) = await _methods.ListAsync(request, context);
        return new ListNetworkSetsResponse { NetworkSets = { page }, NextPageToken = next };
    }

    public override Task<NetworkSet> CreateNetworkSet(CreateNetworkSetRequest request, ServerCallContext context) =>
        _methods.CreateAsync(request.NetworkSet, request.RequestId, request.ValidateOnly, context);

    public override Task<NetworkSet> UpdateNetworkSet(UpdateNetworkSetRequest request, ServerCallContext context) =>
        _methods.UpdateAsync(request.NetworkSet, request.AllowMissing, request.RequestId, request.ValidateOnly, context);

    public override async Task<Empty> DeleteNetworkSet(DeleteRequest request, ServerCallContext context)
    {
        await _methods.DeleteAsync(request, context);
        return new Empty();
    }
}
