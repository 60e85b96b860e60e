using Vallum.Policies.Model;

namespace Vallum.Testing.Worlds;

/// <summary>One object put or removed. Putting is idempotent and replaces; removing what is not there does nothing.</summary>
public abstract record ClusterChange
{
    private ClusterChange()
    {
    }

    public sealed record PutTenant(Tenant Tenant) : ClusterChange;

    /// <summary>A tenant goes with all that it holds: segments, endpoints, policies.</summary>
    public sealed record RemoveTenant(TenantName Tenant) : ClusterChange;

    public sealed record PutSegment(Segment Segment) : ClusterChange;

    public sealed record RemoveSegment(TenantName Tenant, SegmentName Segment) : ClusterChange;

    public sealed record PutEndpoint(Endpoint Endpoint) : ClusterChange;

    public sealed record RemoveEndpoint(EndpointId Endpoint) : ClusterChange;

    public sealed record PutNode(Node Node) : ClusterChange;

    public sealed record RemoveNode(NodeName Node) : ClusterChange;

    public sealed record PutNetworkSet(NetworkSet NetworkSet) : ClusterChange;

    public sealed record RemoveNetworkSet(NetworkSetName NetworkSet) : ClusterChange;

    public sealed record PutPolicy(Policy Policy) : ClusterChange;

    public sealed record RemovePolicy(PolicyId Policy) : ClusterChange;

    public ClusterState Apply(ClusterState state) => this switch
    {
        PutTenant c => state with { Tenants = state.Tenants.SetItem(c.Tenant.Name, c.Tenant) },
        RemoveTenant c => Without(state, c.Tenant),
        PutSegment c => state with { Segments = state.Segments.SetItem((c.Segment.Tenant, c.Segment.Name), c.Segment) },
        RemoveSegment c => state with { Segments = state.Segments.Remove((c.Tenant, c.Segment)) },
        PutEndpoint c => state with { Endpoints = state.Endpoints.SetItem(c.Endpoint.Id, c.Endpoint) },
        RemoveEndpoint c => state with { Endpoints = state.Endpoints.Remove(c.Endpoint) },
        PutNode c => state with { Nodes = state.Nodes.SetItem(c.Node.Name, c.Node) },
        RemoveNode c => state with { Nodes = state.Nodes.Remove(c.Node) },
        PutNetworkSet c => state with { NetworkSets = state.NetworkSets.SetItem(c.NetworkSet.Name, c.NetworkSet) },
        RemoveNetworkSet c => state with { NetworkSets = state.NetworkSets.Remove(c.NetworkSet) },
        PutPolicy c => state with { Policies = state.Policies.SetItem(c.Policy.Id, c.Policy) },
        RemovePolicy c => state with { Policies = state.Policies.Remove(c.Policy) },
        _ => throw new InvalidOperationException($"unknown change {this}"),
    };

    private static ClusterState Without(ClusterState state, TenantName tenant) => state with
    {
        Tenants = state.Tenants.Remove(tenant),
        Segments = state.Segments.RemoveRange(state.Segments.Keys.Where(k => k.Tenant == tenant)),
        Endpoints = state.Endpoints.RemoveRange(state.Endpoints.Keys.Where(k => k.Tenant == tenant)),
        Policies = state.Policies.RemoveRange(state.Policies.Keys.Where(k => k.Tenant == tenant)),
    };
}
