using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Testing.Worlds;

/// <summary>The changes from one state to another: what goes, then what comes or is another.</summary>
public static class StateDifference
{
    public static ImmutableArray<ClusterChange> Between(ClusterState before, ClusterState after) =>
    [
        .. Gone(before.Policies, after.Policies).Select(id => new ClusterChange.RemovePolicy(id)),
        .. Gone(before.Endpoints, after.Endpoints).Select(id => new ClusterChange.RemoveEndpoint(id)),
        .. Gone(before.Segments, after.Segments).Select(id => new ClusterChange.RemoveSegment(id.Tenant, id.Name)),
        .. Gone(before.Tenants, after.Tenants).Select(name => new ClusterChange.RemoveTenant(name)),
        .. Gone(before.Nodes, after.Nodes).Select(name => new ClusterChange.RemoveNode(name)),
        .. Gone(before.NetworkSets, after.NetworkSets).Select(name => new ClusterChange.RemoveNetworkSet(name)),
        .. Come(before.Tenants, after.Tenants).Select(tenant => new ClusterChange.PutTenant(tenant)),
        .. Come(before.Segments, after.Segments).Select(segment => new ClusterChange.PutSegment(segment)),
        .. Come(before.Nodes, after.Nodes).Select(node => new ClusterChange.PutNode(node)),
        .. Come(before.NetworkSets, after.NetworkSets).Select(set => new ClusterChange.PutNetworkSet(set)),
        .. Come(before.Endpoints, after.Endpoints).Select(endpoint => new ClusterChange.PutEndpoint(endpoint)),
        .. Come(before.Policies, after.Policies).Select(policy => new ClusterChange.PutPolicy(policy)),
    ];

    private static IEnumerable<TKey> Gone<TKey, TValue>(ImmutableSortedDictionary<TKey, TValue> before, ImmutableSortedDictionary<TKey, TValue> after)
        where TKey : notnull => before.Keys.Where(key => !after.ContainsKey(key));

    private static IEnumerable<TValue> Come<TKey, TValue>(ImmutableSortedDictionary<TKey, TValue> before, ImmutableSortedDictionary<TKey, TValue> after)
        where TKey : notnull
        where TValue : class => after.Where(pair => !pair.Value.Equals(before.GetValueOrDefault(pair.Key))).Select(pair => pair.Value);
}
