using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>The policies in force for a node itself, as its agent gets them.</summary>
public sealed record NodeProfile(ProfileId Id, ResourceHead.Profile Head, ImmutableArray<ResourceEntry> Entries);

/// <summary>
/// Policies about nodes, which need no tenant's objects: only whose members their groups hold does. Nothing is kept between two calls: nodes and the
/// operator's policies change rarely, and each costs one look at the other.
/// </summary>
public static class NodeCompiler
{
    /// <summary>Null: no policy selects the node.</summary>
    /// <param name="policies">The operator's; those about endpoints are passed over.</param>
    public static NodeProfile? ProfileOf(Node node, IEnumerable<Policy> policies)
    {
        ImmutableArray<ResourceEntry> entries =
        [
            .. from policy in policies
               where policy.Nodes.Any(selector => selector.Matches(node.Labels))
               from direction in policy.Directions.Distinct().Order()
               select new ResourceEntry.PolicyInForce(
                   direction, policy.Tier, policy.Priority, policy.Id, IdOf(policy), policy.Mode == PolicyMode.Staged),
        ];
        return entries.IsEmpty ? null : new NodeProfile(IdOf(node.Name), new ResourceHead.Profile([], Posture.Allow, Posture.Allow), entries);
    }

    /// <summary>Neither a tenant nor an identity has such a name.</summary>
    public static ProfileId IdOf(NodeName node) => new($"nodes/{node}");

    /// <summary>
    /// Never that of the same policy's rules for endpoints: while its subject changes from one to the other, tenants and nodes learn of it one after
    /// another.
    /// </summary>
    public static PolicyRulesId IdOf(Policy policy) => new($"{policy.Id}#nodes");

    /// <summary>Its peers are seen from no tenant.</summary>
    public static ResourceHead.PolicyRules RulesOf(Policy policy) => RuleCompiler.Compile(policy, default);
}
