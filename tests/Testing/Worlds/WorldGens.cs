using CsCheck;
using Vallum.Policies.Model;

namespace Vallum.Testing.Worlds;

/// <summary>
/// Small random worlds and histories. References dangle now and then: an endpoint whose node, segment or tenant is not there, a policy
/// that names a set nobody made. A world's objects all come from <see cref="Vocabulary"/>.
/// </summary>
public static class WorldGens
{
    private static readonly Gen<ClusterChange> PutTenant = ObjectGens.Tenants.Select(t => (ClusterChange)new ClusterChange.PutTenant(t));

    private static readonly Gen<ClusterChange> PutSegment = ObjectGens.Segments.Select(s => (ClusterChange)new ClusterChange.PutSegment(s));

    private static readonly Gen<ClusterChange> PutEndpoint =
        ObjectGens.Endpoints.Select(e => (ClusterChange)new ClusterChange.PutEndpoint(e));

    private static readonly Gen<ClusterChange> PutNode = ObjectGens.Nodes.Select(n => (ClusterChange)new ClusterChange.PutNode(n));

    private static readonly Gen<ClusterChange> PutNetworkSet =
        ObjectGens.NetworkSets.Select(n => (ClusterChange)new ClusterChange.PutNetworkSet(n));

    private static readonly Gen<ClusterChange> PutTenantPolicy =
        PolicyGens.TenantPolicies.Select(p => (ClusterChange)new ClusterChange.PutPolicy(p));

    private static readonly Gen<ClusterChange> PutOperatorPolicy =
        Gen.Frequency((4, PolicyGens.OperatorPolicies), (1, PolicyGens.HostPolicies)).Select(p => (ClusterChange)new ClusterChange.PutPolicy(p));

    /// <summary>Any one object put or removed.</summary>
    public static readonly Gen<ClusterChange> Changes = Gen.Frequency(
        (2, PutTenant),
        (2, PutSegment),
        (7, PutEndpoint),
        (2, PutNode),
        (1, PutNetworkSet),
        (4, PutTenantPolicy),
        (3, PutOperatorPolicy),
        (1, SelectorGens.Tenants.Select(t => (ClusterChange)new ClusterChange.RemoveTenant(t))),
        (1, Gen.Select(SelectorGens.Tenants, SelectorGens.Segments, (t, s) => (ClusterChange)new ClusterChange.RemoveSegment(t, s))),
        (4, ObjectGens.EndpointIds.Select(e => (ClusterChange)new ClusterChange.RemoveEndpoint(e))),
        (1, ObjectGens.NodeNames.Select(n => (ClusterChange)new ClusterChange.RemoveNode(n))),
        (1, ObjectGens.NetworkSetNames.Select(n => (ClusterChange)new ClusterChange.RemoveNetworkSet(n))),
        (2, PolicyGens.TenantPolicyIds.Select(p => (ClusterChange)new ClusterChange.RemovePolicy(p))),
        (1, PolicyGens.OperatorPolicyIds.Select(p => (ClusterChange)new ClusterChange.RemovePolicy(p))));

    /// <summary>Two or three tenants, two or three segments each, about seven endpoints, nodes, sets, policies.</summary>
    public static readonly Gen<ClusterState> Worlds = Gen.Select(
        PutTenant.Array[3, 5],
        PutSegment.Array[4, 9],
        Gen.Select(PutNode.Array[2, 4], PutNetworkSet.Array[0, 3], (nodes, sets) => nodes.Concat(sets)),
        PutEndpoint.Array[6, 12],
        PutTenantPolicy.Array[0, 8],
        PutOperatorPolicy.Array[0, 6],
        (tenants, segments, rest, endpoints, own, operators) =>
            History.Of(ClusterState.Empty, [.. tenants, .. segments, .. rest, .. endpoints, .. own, .. operators]).States().Last());

    /// <summary>A world (or, one time in four, nothing) and up to <paramref name="longest"/> changes.</summary>
    public static Gen<History> Histories(int longest) => Gen.Select(
        Gen.Frequency((1, Gen.Const(ClusterState.Empty)), (3, Worlds)),
        Changes.Array[1, longest],
        History.Of);
}
