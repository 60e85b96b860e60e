using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Silo.Distribution;

/// <summary>The cluster's own objects at one revision.</summary>
/// <param name="Revision">Of the cluster's own objects, on the same line as <c>PullReply.ClusterRevision</c>; 0: nothing is known yet.</param>
/// <param name="Tenants">Every tenant of the directory with its labels.</param>
/// <param name="Policies">The operator's.</param>
public sealed record ClusterSnapshot(
    long Revision,
    ImmutableDictionary<TenantName, LabelSet> Tenants,
    ImmutableDictionary<NodeName, Node> Nodes,
    ImmutableDictionary<NetworkSetName, NetworkSet> NetworkSets,
    ImmutableDictionary<PolicyId, Policy> Policies)
{
    public static readonly ClusterSnapshot Empty = new(
        0,
        ImmutableDictionary<TenantName, LabelSet>.Empty,
        ImmutableDictionary<NodeName, Node>.Empty,
        ImmutableDictionary<NetworkSetName, NetworkSet>.Empty,
        ImmutableDictionary<PolicyId, Policy>.Empty);
}
