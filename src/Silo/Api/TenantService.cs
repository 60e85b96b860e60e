using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Api;

internal sealed class TenantService(IGrainFactory grains) : Contracts.Api.V1.TenantService.TenantServiceBase
{
    private readonly StandardMethods<Tenant> _methods = new(ObjectKinds.Tenant, grains);

    public override Task<Tenant> GetTenant(GetRequest request, ServerCallContext context) => _methods.GetAsync(request);

    public override async Task<ListTenantsResponse> ListTenants(ListRequest request, ServerCallContext context)
    {
        var (page, next) = await _methods.ListAsync(request, context);
        return new ListTenantsResponse { Tenants = { page }, NextPageToken = next };
    }

    public override Task<Tenant> CreateTenant(CreateTenantRequest request, ServerCallContext context) =>
        _methods.CreateAsync(request.Tenant, request.RequestId, request.ValidateOnly, context);

    public override Task<Tenant> UpdateTenant(UpdateTenantRequest request, ServerCallContext context) =>
        _methods.UpdateAsync(request.Tenant, request.AllowMissing, request.RequestId, request.ValidateOnly, context);

    public override async Task<Empty> DeleteTenant(DeleteRequest request, ServerCallContext context)
    {
        await _methods.DeleteAsync(request, context);
        return new Empty();
    }
}
