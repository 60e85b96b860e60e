using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>One thing that the compiler of a tenant is told. Each is idempotent; references to what is not there yet are allowed and match nothing.</summary>
public abstract record TenantInput
{
    private TenantInput()
    {
    }

    /// <summary>The tenant's labels and default posture. Before the first one the tenant has no labels and allows by default.</summary>
    public sealed record PutTenant(Tenant Tenant) : TenantInput;

    public sealed record PutSegment(Segment Segment) : TenantInput;

    public sealed record RemoveSegment(SegmentName Segment) : TenantInput;

    public sealed record PutEndpoint(Endpoint Endpoint) : TenantInput;

    public sealed record RemoveEndpoint(string Endpoint) : TenantInput;

    /// <summary>A policy of the tenant, or an operator's: an operator's is given to the compiler of every tenant and selects by tenant itself.</summary>
    public sealed record PutPolicy(Policy Policy) : TenantInput;

    public sealed record RemovePolicy(PolicyId Policy) : TenantInput;

    /// <summary>Somebody needs this tenant's share of a group that no policy of its own names. Shares that its own policies name are always made.</summary>
    public sealed record WantPart(EndpointPart Part) : TenantInput;

    public sealed record UnwantPart(GroupPartId Part) : TenantInput;
}
