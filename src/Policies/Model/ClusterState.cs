using System.Collections.Immutable;

namespace Vallum.Policies.Model;

/// <summary>All objects at one moment. What the definition (<c>Evaluation</c>) reads, and what every fast form answers to.</summary>
public sealed record ClusterState(
    ImmutableSortedDictionary<TenantName, Tenant> Tenants,
    ImmutableSortedDictionary<(TenantName Tenant, SegmentName Name), Segment> Segments,
    ImmutableSortedDictionary<EndpointId, Endpoint> Endpoints,
    ImmutableSortedDictionary<NodeName, Node> Nodes,
    ImmutableSortedDictionary<NetworkSetName, NetworkSet> NetworkSets,
    ImmutableSortedDictionary<PolicyId, Policy> Policies)
{
    public static readonly ClusterState Empty = new(
        ImmutableSortedDictionary<TenantName, Tenant>.Empty,
        ImmutableSortedDictionary<(TenantName Tenant, SegmentName Name), Segment>.Empty,
        ImmutableSortedDictionary<EndpointId, Endpoint>.Empty,
        ImmutableSortedDictionary<NodeName, Node>.Empty,
        ImmutableSortedDictionary<NetworkSetName, NetworkSet>.Empty,
        ImmutableSortedDictionary<PolicyId, Policy>.Empty);

    /// <summary>The tenant; while it has no object, one without labels that allows by default.</summary>
    public Tenant Tenant(TenantName name) => Tenants.GetValueOrDefault(name) ?? new Tenant(name, LabelSet.Empty);
}
