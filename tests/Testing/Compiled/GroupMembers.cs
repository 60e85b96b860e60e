using System.Collections.Immutable;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Testing.Compiled;

/// <summary>The groups that rules name, united from the tenants' parts.</summary>
internal sealed class GroupMembers
{
    private readonly CompiledCluster _cluster;
    private readonly Dictionary<GroupId, GroupDefinition> _definitions = [];
    private readonly Dictionary<GroupId, ImmutableHashSet<GroupMember>> _members = [];

    /// <exception cref="InvalidOperationException">One id has two meanings.</exception>
    public GroupMembers(CompiledCluster cluster)
    {
        _cluster = cluster;
        var rules = cluster.Tenants.Values.SelectMany(t => t.Held.Values).Concat(cluster.OfNodes).Select(r => r.Head).OfType<ResourceHead.PolicyRules>();
        foreach (var definition in rules.SelectMany(r => r.Groups))
        {
            if (!_definitions.TryAdd(definition.Id, definition) && !_definitions[definition.Id].Equals(definition))
            {
                throw new InvalidOperationException($"{definition} and {_definitions[definition.Id]} have one id");
            }
        }
    }

    /// <exception cref="InvalidOperationException">No rules define the group, or a tenant does not make its part.</exception>
    public ImmutableHashSet<GroupMember> Of(GroupId group)
    {
        if (!_members.TryGetValue(group, out var members))
        {
            var definition = _definitions.TryGetValue(group, out var found)
                ? found
                : throw new InvalidOperationException($"rules name the group {group}, which they do not define");
            _members.Add(group, members = [.. MembersOf(definition)]);
        }

        return members;
    }

    private IEnumerable<GroupMember> MembersOf(GroupDefinition definition) => definition switch
    {
        GroupDefinition.OfEndpoints(var scope, var part) => _cluster.Tenants.Values
            .Where(t => scope.Includes(t.Name, _cluster.State.Tenant(t.Name).Labels))
            .SelectMany(t => PartOf(t, part)),
        GroupDefinition.OfNetworkSet(var name) =>
            _cluster.State.NetworkSets.TryGetValue(name, out var set) ? set.Cidrs.Select(c => new GroupMember(c)) : [],
        GroupDefinition.OfNodes(var selector) => _cluster.State.Nodes.Values
            .Where(n => selector.Matches(n.Labels)).SelectMany(n => n.Addresses).Select(a => new GroupMember(Cidr.Host(a))),
        _ => throw new InvalidOperationException($"unknown group {definition}"),
    };

    private static IEnumerable<GroupMember> PartOf(CompiledTenant tenant, EndpointPart part) =>
        tenant.Held.TryGetValue(new ResourceKey(ResourceKind.GroupPart, part.Id.Value), out var resource)
            ? resource.Entries.Select(e => ((ResourceEntry.Member)e).Value)
            : throw new InvalidOperationException($"tenant {tenant.Name} does not make its part of {part}");
}
