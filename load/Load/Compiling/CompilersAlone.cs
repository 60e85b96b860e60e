using System.Collections.Concurrent;
using System.Collections.Immutable;
using Vallum.Policies.Compilation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Load.Compiling;

/// <summary>
/// Every tenant's compiler, side by side, and nothing of distribution: afterwards it is known as values what each node is to hold. Parts that policies of
/// other tenants name are asked for as the hub would ask.
/// </summary>
internal sealed class CompilersAlone(IReadOnlyCollection<Tenant> tenants)
{
    private readonly Dictionary<string, (Tenant Value, TenantCompiler Compiler)> _tenants =
        tenants.ToDictionary(tenant => tenant.Name.Value, tenant => (tenant, new TenantCompiler(tenant.Name)));

    /// <summary>That were made.</summary>
    public long Resources { get; private set; }

    public void Load(IReadOnlyDictionary<string, TenantInput[]> inputs)
    {
        var resources = 0L;
        var foreign = new ConcurrentDictionary<GroupId, GroupDefinition.OfEndpoints>();
        Each(tenant =>
        {
            var deltas = tenant.Compiler.Apply(inputs[tenant.Value.Name.Value]);
            Interlocked.Add(ref resources, deltas.Length);
            foreach (var group in deltas.Select(delta => delta.Head).OfType<ResourceHead.PolicyRules>().SelectMany(rules => rules.Groups))
            {
                if (group is GroupDefinition.OfEndpoints { Tenants: not ResolvedScope.Named } looksElsewhere)
                {
                    foreign.TryAdd(looksElsewhere.Id, looksElsewhere);
                }
            }
        });
        Each(tenant =>
        {
            ImmutableArray<TenantInput> wants =
            [
                .. foreign.Values.Where(group => group.Tenants.Includes(tenant.Value.Name, tenant.Value.Labels))
                    .Select(group => new TenantInput.WantPart(group.Part)),
            ];
            Interlocked.Add(ref resources, wants.IsEmpty ? 0 : tenant.Compiler.Apply(wants).Length);
        });
        Resources = resources;
    }

    private void Each(Action<(Tenant Value, TenantCompiler Compiler)> act) =>
        Parallel.ForEach(_tenants.Values, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, act);
}
