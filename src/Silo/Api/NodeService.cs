using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Api;

internal sealed class NodeService(IGrainFactory grains, AgentStatuses statuses) : Contracts.Api.V1.NodeService.NodeServiceBase
{
    private readonly StandardMethods<Node> _methods = new(ObjectKinds.Node, grains);

    public override async Task<Node> GetNode(GetRequest request, ServerCallContext context)
    {
        var found = await _methods.GetAsync(request);
        await statuses.AddAsync([found], context.CancellationToken);
        return found;
    }

    public override async Task<ListNodesResponse> ListNodes(ListRequest request, ServerCallContext context)
    {
        var (page, next) = await _methods.ListAsync(request, context);
        await statuses.AddAsync(page, context.CancellationToken);
        return new ListNodesResponse { Nodes = { page }, NextPageToken = next };
    }

    public override Task<Node> CreateNode(CreateNodeRequest request, ServerCallContext context) =>
        _methods.CreateAsync(request.Node, request.RequestId, request.ValidateOnly, context);

    public override Task<Node> UpdateNode(UpdateNodeRequest request, ServerCallContext context) =>
        _methods.UpdateAsync(request.Node, request.AllowMissing, request.RequestId, request.ValidateOnly, context);

    public override async Task<Empty> DeleteNode(DeleteRequest request, ServerCallContext context)
    {
        await _methods.DeleteAsync(request, context);
        return new Empty();
    }
}
