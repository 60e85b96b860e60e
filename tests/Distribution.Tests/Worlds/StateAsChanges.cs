using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Distribution.Tests.Worlds;

internal static class StateAsChanges
{
    /// <summary>What leads from nothing to the state, in an order that names nothing before it is there.</summary>
    public static IEnumerable<ClusterChange> AsChanges(this ClusterState state) =>
        state.Tenants.Values.Select(t => (ClusterChange)new ClusterChange.PutTenant(t))
            .Concat(state.Segments.Values.Select(s => new ClusterChange.PutSegment(s)))
            .Concat(state.Nodes.Values.Select(n => new ClusterChange.PutNode(n)))
            .Concat(state.NetworkSets.Values.Select(n => new ClusterChange.PutNetworkSet(n)))
            .Concat(state.Endpoints.Values.Select(e => new ClusterChange.PutEndpoint(e)))
            .Concat(state.Policies.Values.Select(p => new ClusterChange.PutPolicy(p)));
}
