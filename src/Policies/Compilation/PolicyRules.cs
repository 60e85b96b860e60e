using System.Collections.Immutable;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>The rules of a policy that at least one profile references.</summary>
internal sealed class PolicyRules(PolicyRulesId id, ResourceHead.PolicyRules head) : CompiledResource(KeyOf(id))
{
    public PolicyRulesId Id { get; } = id;

    public ResourceHead.PolicyRules Rules { get; set; } = head;

    /// <summary>How many profiles reference them.</summary>
    public int References { get; set; }

    /// <summary>The tenant's parts of the groups that the rules name.</summary>
    public ImmutableArray<GroupPart> Parts { get; set; } = [];

    public override ResourceHead Head => Rules;

    public override ImmutableArray<ResourceEntry> Entries => [];

    /// <summary>Some group looks into tenants by their labels.</summary>
    public bool LooksAtTenantLabels =>
        Rules.Groups.Any(g => g is GroupDefinition.OfEndpoints { Tenants: ResolvedScope.Matching { Selector.IsAll: false } });

    public static ResourceKey KeyOf(PolicyRulesId id) => new(ResourceKind.PolicyRules, id.Value);
}
