using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>
/// The rules of the policies that are in force somewhere in the tenant. Those of a policy that selects nothing are not made.
/// </summary>
internal sealed class RulesTable(PartTable parts, DeltaBook book)
{
    private readonly Dictionary<PolicyRulesId, PolicyRules> _rules = [];
    private readonly HashSet<PolicyRules> _lookAtTenantLabels = [];
    private readonly List<PolicyRules> _idle = [];

    public IEnumerable<PolicyRules> All => _rules.Values;

    public PolicyRules? Find(PolicyRulesId id) => _rules.GetValueOrDefault(id);

    /// <summary>So many profiles more hold the policy.</summary>
    public void Reference(CompiledPolicy policy, int profiles, Tenant tenant)
    {
        if (policy.InForce.IsEmpty || profiles == 0)
        {
            return;
        }

        if (!_rules.TryGetValue(policy.RulesId, out var rules))
        {
            _rules.Add(policy.RulesId, rules = new PolicyRules(policy.RulesId, RuleCompiler.Compile(policy.Value, tenant.Name)));
            book.Born(rules);
            Link(rules, tenant);
        }
        else if (rules.References == 0)
        {
            // Left over from earlier in the batch, perhaps from another text of the policy.
            Replace(rules, policy, tenant);
        }

        rules.References += profiles;
    }

    /// <summary>So many profiles less hold the policy.</summary>
    public void Dereference(CompiledPolicy policy, int profiles)
    {
        if (policy.InForce.IsEmpty || profiles == 0)
        {
            return;
        }

        var rules = _rules[policy.RulesId];
        rules.References -= profiles;
        if (rules.References == 0)
        {
            _idle.Add(rules);
        }
    }

    /// <summary>The policy has a new text.</summary>
    public void Edited(CompiledPolicy policy, Tenant tenant)
    {
        if (_rules.TryGetValue(policy.RulesId, out var rules) && rules.References > 0)
        {
            Replace(rules, policy, tenant);
        }
    }

    /// <summary>The tenant has other labels.</summary>
    public void Relabelled(Tenant tenant)
    {
        foreach (var rules in _lookAtTenantLabels)
        {
            LinkParts(rules, tenant);
        }
    }

    /// <summary>Ends the rules that no profile references any more. At the end of a batch: who left in it may have come back.</summary>
    public void Sweep()
    {
        foreach (var rules in _idle)
        {
            if (rules.References == 0 && _rules.Remove(rules.Id))
            {
                _lookAtTenantLabels.Remove(rules);
                foreach (var part in rules.Parts)
                {
                    parts.Dereference(part);
                }

                book.Dies(rules);
            }
        }

        _idle.Clear();
    }

    private void Replace(PolicyRules rules, CompiledPolicy policy, Tenant tenant)
    {
        var head = RuleCompiler.Compile(policy.Value, tenant.Name);
        if (!head.Equals(rules.Head))
        {
            book.HeadWas(rules, rules.Head);
            rules.Rules = head;
        }

        Link(rules, tenant);
    }

    private void Link(PolicyRules rules, Tenant tenant)
    {
        LinkParts(rules, tenant);
        if (rules.LooksAtTenantLabels)
        {
            _lookAtTenantLabels.Add(rules);
        }
        else
        {
            _lookAtTenantLabels.Remove(rules);
        }
    }

    private void LinkParts(PolicyRules rules, Tenant tenant)
    {
        var before = rules.Parts;
        rules.Parts =
        [
            .. rules.Rules.Groups
                .OfType<GroupDefinition.OfEndpoints>()
                .Where(group => group.Tenants.Includes(tenant.Name, tenant.Labels))
                .Select(group => group.Part)
                .Distinct()
                .Select(parts.Reference),
        ];
        foreach (var part in before)
        {
            parts.Dereference(part);
        }
    }
}
