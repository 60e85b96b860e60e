using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Testing.Compiled;

/// <summary>What the compilers of the tenants are told of changes to the cluster.</summary>
public static class TenantInputs
{
    /// <summary>The tenants that have an object or are mentioned by one that they hold.</summary>
    public static IEnumerable<TenantName> TenantsOf(ClusterState state) => state.Tenants.Keys
        .Concat(state.Segments.Keys.Select(s => s.Tenant))
        .Concat(state.Endpoints.Keys.Select(e => e.Tenant))
        .Concat(state.Policies.Keys.Select(p => p.Tenant).OfType<TenantName>())
        .Distinct();

    public static IEnumerable<TenantInput> OperatorsPolicies(ClusterState state) =>
        state.Policies.Values.Where(p => p.Id.Tenant is null).Select(p => new TenantInput.PutPolicy(p));

    /// <summary>
    /// The change, told to those whom it concerns: all <paramref name="known"/> tenants in the case of an operator's policy.
    /// </summary>
    public static IEnumerable<(TenantName Tenant, TenantInput Input)> Of(
        ClusterChange change, ClusterState before, IEnumerable<TenantName> known) => change switch
        {
            ClusterChange.PutTenant c => [(c.Tenant.Name, new TenantInput.PutTenant(c.Tenant))],
            ClusterChange.RemoveTenant c => Difference(before, c.Apply(before), c.Tenant).Select(input => (c.Tenant, input)),
            ClusterChange.PutSegment c => [(c.Segment.Tenant, new TenantInput.PutSegment(c.Segment))],
            ClusterChange.RemoveSegment c => [(c.Tenant, new TenantInput.RemoveSegment(c.Segment))],
            ClusterChange.PutEndpoint c => [(c.Endpoint.Id.Tenant, new TenantInput.PutEndpoint(c.Endpoint))],
            ClusterChange.RemoveEndpoint c => [(c.Endpoint.Tenant, new TenantInput.RemoveEndpoint(c.Endpoint.Name))],
            ClusterChange.PutPolicy c => Owners(c.Policy.Id, known).Select(t => (t, (TenantInput)new TenantInput.PutPolicy(c.Policy))),
            ClusterChange.RemovePolicy c => Owners(c.Policy, known).Select(t => (t, (TenantInput)new TenantInput.RemovePolicy(c.Policy))),
            _ => [],
        };

    /// <summary>What leads one tenant from one state to another. Nothing is told of what is equal in both.</summary>
    public static IEnumerable<TenantInput> Difference(ClusterState from, ClusterState to, TenantName tenant)
    {
        var segments = Between(
            from.Segments,
            to.Segments,
            key => key.Tenant == tenant,
            s => new TenantInput.PutSegment(s),
            key => new TenantInput.RemoveSegment(key.Name));
        var endpoints = Between(
            from.Endpoints,
            to.Endpoints,
            key => key.Tenant == tenant,
            e => new TenantInput.PutEndpoint(e),
            key => new TenantInput.RemoveEndpoint(key.Name));
        var policies = Between(
            from.Policies,
            to.Policies,
            key => key.Tenant is null || key.Tenant == tenant,
            p => new TenantInput.PutPolicy(p),
            key => new TenantInput.RemovePolicy(key));
        var self = from.Tenant(tenant).Equals(to.Tenant(tenant)) ? [] : new TenantInput[] { new TenantInput.PutTenant(to.Tenant(tenant)) };
        return self.Concat(segments).Concat(endpoints).Concat(policies);
    }

    private static IEnumerable<TenantName> Owners(PolicyId policy, IEnumerable<TenantName> known) =>
        policy.Tenant is { } owner ? [owner] : [.. known];

    private static IEnumerable<TenantInput> Between<TKey, T>(
        IReadOnlyDictionary<TKey, T> from,
        IReadOnlyDictionary<TKey, T> to,
        Func<TKey, bool> concerns,
        Func<T, TenantInput> put,
        Func<TKey, TenantInput> remove)
        where T : class =>
        from.Keys.Union(to.Keys).Where(concerns).SelectMany(key => (from.GetValueOrDefault(key), to.GetValueOrDefault(key)) switch
        {
            (_, null) => new[] { remove(key) },
            var (before, after) => after.Equals(before) ? [] : [put(after)],
        });
}
