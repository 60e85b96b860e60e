using Vallum.Policies.Model;

namespace Vallum.Policies.Compilation;

/// <summary>The tenant's own policies and the operator's, and which traits they select.</summary>
internal sealed class PolicyTable(QueryTable queries, RulesTable rules, DeltaBook book)
{
    private readonly Dictionary<PolicyId, CompiledPolicy> _policies = [];
    private readonly HashSet<CompiledPolicy> _lookAtTenantLabels = [];

    public CompiledPolicy? Find(PolicyId id) => _policies.GetValueOrDefault(id);

    public void Put(Policy value, Tenant tenant)
    {
        var rulesId = RuleCompiler.IdOf(value, tenant.Name);
        if (_policies.TryGetValue(value.Id, out var policy))
        {
            if (policy.Value.Equals(value))
            {
                return;
            }

            if (policy.TryEdit(value, rulesId))
            {
                rules.Edited(policy, tenant);
                return;
            }

            Remove(value.Id);
        }

        policy = new CompiledPolicy(value, rulesId);
        _policies.Add(value.Id, policy);
        if (value.Subject.Any(s => s.Tenants is TenantScope.Matching { Selector.IsAll: false }))
        {
            _lookAtTenantLabels.Add(policy);
        }

        Attach(policy, tenant);
    }

    public void Remove(PolicyId id)
    {
        if (_policies.Remove(id, out var policy))
        {
            _lookAtTenantLabels.Remove(policy);
            Detach(policy);
        }
    }

    /// <summary>The tenant has other labels.</summary>
    public void Relabelled(Tenant tenant)
    {
        foreach (var policy in _lookAtTenantLabels)
        {
            Detach(policy);
            Attach(policy, tenant);
        }
    }

    private void Attach(CompiledPolicy policy, Tenant tenant)
    {
        // Seen from its own endpoints, a tenant is "same" and never "other".
        policy.Subject =
        [
            .. policy.Value.Subject
                .Where(s => s.Tenants.Includes(tenant.Name, tenant))
                .Select(s => s.Query)
                .Distinct()
                .Select(queries.Get),
        ];
        foreach (var query in policy.Subject)
        {
            query.Add(policy);
        }

        var profiles = 0;
        foreach (var traits in policy.Selects)
        {
            foreach (var profile in traits.Profiles)
            {
                profiles++;
                book.Gains(profile, policy.InForce);
            }
        }

        rules.Reference(policy, profiles, tenant);
    }

    private void Detach(CompiledPolicy policy)
    {
        var profiles = 0;
        foreach (var traits in policy.Selects)
        {
            foreach (var profile in traits.Profiles)
            {
                profiles++;
                book.Loses(profile, policy.InForce);
            }
        }

        rules.Dereference(policy, profiles);

        foreach (var query in policy.Subject)
        {
            query.Remove(policy);
            queries.Left(query);
        }

        policy.Subject = [];
    }
}
