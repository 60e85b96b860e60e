using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>A policy as seen from the tenant.</summary>
internal sealed class CompiledPolicy(Policy value, PolicyRulesId rules)
{
    public Policy Value { get; private set; } = value;

    public PolicyRulesId RulesId { get; } = rules;

    /// <summary>The distinct queries of those subject selectors that look into this tenant.</summary>
    public ImmutableArray<Query> Subject { get; set; } = [];

    /// <summary>Its entries in the profile of each identity that it selects: one per direction.</summary>
    public ImmutableArray<ResourceEntry> InForce { get; } = EntriesOf(value, rules);

    /// <summary>What it selects, each once.</summary>
    public IEnumerable<Traits> Selects => Subject.Length == 1 ? Subject[0].Picks : Subject.SelectMany(q => q.Picks).Distinct();

    /// <summary>Takes on a new text of the policy, unless that stands otherwise in profiles than the old one.</summary>
    public bool TryEdit(Policy value, PolicyRulesId rules)
    {
        var sameStanding = Value.Subject.SequenceEqual(value.Subject) && InForce.SequenceEqual(EntriesOf(value, rules));
        if (sameStanding)
        {
            Value = value;
        }

        return sameStanding;
    }

    private static ImmutableArray<ResourceEntry> EntriesOf(Policy policy, PolicyRulesId rules)
    {
        var staged = policy.Mode == PolicyMode.Staged;
        return [.. policy.Directions.Distinct().Order().Select(direction =>
            new ResourceEntry.PolicyInForce(direction, policy.Tier, policy.Priority, policy.Id, rules, staged))];
    }
}
