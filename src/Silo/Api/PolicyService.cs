using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Api;

internal sealed class PolicyService(IGrainFactory grains, PolicyStatuses statuses) : Contracts.Api.V1.PolicyService.PolicyServiceBase
{
    private readonly StandardMethods<Policy> _methods = new(ObjectKinds.Policy, grains);

    public override async Task<Policy> GetPolicy(GetRequest request, ServerCallContext context)
    {
        var found = await _methods.GetAsync(request);
        await statuses.AddWithHitsAsync([found], rules: true, context.CancellationToken);
        return found;
    }

    public override async Task<ListPoliciesResponse> ListPolicies(ListRequest request, ServerCallContext context)
    {
        var (page, next) = await _methods.ListAsync(request, context);
        await statuses.AddWithHitsAsync(page, rules: false, context.CancellationToken);
        return new ListPoliciesResponse { Policies = { page }, NextPageToken = next };
    }

    public override Task<Policy> CreatePolicy(CreatePolicyRequest request, ServerCallContext context) =>
        _methods.CreateAsync(request.Policy, request.RequestId, request.ValidateOnly, context);

    public override Task<Policy> UpdatePolicy(UpdatePolicyRequest request, ServerCallContext context) =>
        _methods.UpdateAsync(request.Policy, request.AllowMissing, request.RequestId, request.ValidateOnly, context);

    public override async Task<Empty> DeletePolicy(DeleteRequest request, ServerCallContext context)
    {
        await _methods.DeleteAsync(request, context);
        return new Empty();
    }
}
