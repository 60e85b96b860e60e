using System.Collections.Immutable;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Testing.Worlds;

namespace Vallum.Testing.Compiled;

/// <summary>
/// A cluster in its compiled form: one compiler per tenant, and what has come of it, put together from deltas alone. Between the tenants it
/// does what distribution does: it asks each tenant for the parts of groups that others' rules name.
/// </summary>
public sealed class CompiledCluster
{
    private readonly Dictionary<TenantName, CompiledTenant> _tenants = [];

    private CompiledCluster(ClusterState state) => State = state;

    /// <summary>The objects that the compiled form is of.</summary>
    public ClusterState State { get; private set; }

    public IReadOnlyDictionary<TenantName, CompiledTenant> Tenants => _tenants;

    /// <summary>The profiles of the nodes that policies select, and the rules of those policies.</summary>
    public IEnumerable<Resource> OfNodes
    {
        get
        {
            var policies = State.Policies.Values.Where(p => p.Id.Tenant is null).ToArray();
            var profiles = State.Nodes.Values.Select(n => NodeCompiler.ProfileOf(n, policies)).OfType<NodeProfile>().ToArray();
            var named = profiles.SelectMany(p => p.Entries).Cast<ResourceEntry.PolicyInForce>().Select(e => e.Rules).ToHashSet();
            return
            [
                .. profiles.Select(p => new Resource(new ResourceKey(ResourceKind.Profile, p.Id.Value), p.Head, [.. p.Entries])),
                .. policies.Where(p => named.Contains(NodeCompiler.IdOf(p))).Select(p => new Resource(
                    new ResourceKey(ResourceKind.PolicyRules, NodeCompiler.IdOf(p).Value), NodeCompiler.RulesOf(p), [])),
            ];
        }
    }

    /// <summary>Compiles a state from nothing, each tenant in one batch.</summary>
    public static CompiledCluster Of(ClusterState state)
    {
        var cluster = new CompiledCluster(state);
        foreach (var tenant in TenantInputs.TenantsOf(state))
        {
            cluster.Tell(tenant, TenantInputs.Difference(ClusterState.Empty, state, tenant));
        }

        cluster.RouteParts();
        return cluster;
    }

    /// <summary>Takes in changes as one batch.</summary>
    public void Apply(params IEnumerable<ClusterChange> changes)
    {
        var batches = new Dictionary<TenantName, List<TenantInput>>();
        var known = _tenants.Keys.ToHashSet();
        foreach (var change in changes)
        {
            foreach (var (tenant, input) in TenantInputs.Of(change, State, known))
            {
                if (!batches.TryGetValue(tenant, out var batch))
                {
                    // A tenant that is mentioned for the first time hears of the operator's policies that the others know already.
                    batches.Add(tenant, batch = known.Add(tenant) ? [.. TenantInputs.OperatorsPolicies(State)] : []);
                }

                batch.Add(input);
            }

            State = change.Apply(State);
        }

        foreach (var (tenant, batch) in batches)
        {
            Tell(tenant, batch);
        }

        RouteParts();
        DropTenantsWithoutObjects();
    }

    /// <exception cref="InvalidOperationException">Something is left of a tenant that has no objects.</exception>
    private void DropTenantsWithoutObjects()
    {
        foreach (var tenant in _tenants.Values.ExceptBy(TenantInputs.TenantsOf(State), t => t.Name).ToArray())
        {
            tenant.Want([]);
            if (tenant.Held.Count > 0)
            {
                var left = string.Join(", ", tenant.Held.Keys);
                throw new InvalidOperationException($"tenant {tenant.Name} has no objects and leaves {left}");
            }

            _tenants.Remove(tenant.Name);
        }
    }

    private void Tell(TenantName tenant, IEnumerable<TenantInput> inputs)
    {
        if (!_tenants.TryGetValue(tenant, out var compiled))
        {
            _tenants.Add(tenant, compiled = new CompiledTenant(tenant));
        }

        compiled.Apply(inputs);
    }

    /// <summary>
    /// Each tenant is asked for exactly those parts that somebody else's rules name and none of its own: what its own name it makes without
    /// being asked.
    /// </summary>
    private void RouteParts()
    {
        foreach (var tenant in _tenants.Values)
        {
            var labels = State.Tenant(tenant.Name).Labels;
            var own = PartsNamedBy([tenant], tenant.Name, labels).Select(part => part.Id);
            var others = PartsNamedBy(_tenants.Values.Where(t => t != tenant), tenant.Name, labels).Concat(PartsNamedBy(OfNodes, tenant.Name, labels))
                .DistinctBy(part => part.Id);
            tenant.Want([.. others.ExceptBy(own, part => part.Id)]);
        }
    }

    private static ImmutableArray<EndpointPart> PartsNamedBy(IEnumerable<CompiledTenant> tenants, TenantName of, LabelSet labels) =>
        PartsNamedBy(tenants.SelectMany(t => t.Held.Values), of, labels);

    private static ImmutableArray<EndpointPart> PartsNamedBy(IEnumerable<Resource> resources, TenantName of, LabelSet labels) =>
    [
        .. resources.Select(r => r.Head)
            .OfType<ResourceHead.PolicyRules>()
            .SelectMany(rules => rules.Groups)
            .OfType<GroupDefinition.OfEndpoints>()
            .Where(group => group.Tenants.Includes(of, labels))
            .Select(group => group.Part)
            .DistinctBy(part => part.Id),
    ];
}
