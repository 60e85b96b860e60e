using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Agents;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Silo.Distribution.Encoding;
using Vallum.Testing.Compiled;
using Wire = Vallum.Contracts.Agent.V1;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>What nodes should hold, put together from a compiled cluster without any of the code that distributes it.</summary>
internal static class WireResources
{
    public static HeldResource Of(Wire.ResourceKind kind, string name, Resource resource) => new(
        kind,
        name,
        ByteString.CopyFrom(ResourceEncoding.EncodeHead(resource.Head)),
        [.. resource.Entries.Select(e => ByteString.CopyFrom(ResourceEncoding.EncodeEntry(e)))]);

    public static AgentState Wanted(ClusterState state, string node)
    {
        var cluster = CompiledCluster.Of(state);
        var all = cluster.Tenants.Values.SelectMany(t => t.Held.Values.Select(r => OfTenant(t.Name, r, node))).OfType<HeldResource>()
            .Concat(cluster.OfNodes.Select(r => Of(r.Key.Kind == ResourceKind.Profile ? Wire.ResourceKind.Profile : Wire.ResourceKind.PolicyRules, r.Key.Name, r)))
            .Concat(Groups(cluster))
            .DistinctBy(r => (r.Kind, r.Name)).ToDictionary(r => (r.Kind, r.Name));
        var held = ImmutableDictionary.CreateBuilder<(Wire.ResourceKind, string), HeldResource>();
        ProfileId? profile = all.ContainsKey((Wire.ResourceKind.Profile, $"nodes/{node}")) ? new ProfileId($"nodes/{node}") : null;
        var own = new HeldResource(
            Wire.ResourceKind.Node,
            node,
            state.Nodes.TryGetValue(new NodeName(node), out var known) ? HeadEncoding.Node(known, profile).ToByteString() : ByteString.Empty,
            []);
        held.Add((own.Kind, own.Name), own);
        var reached = new Queue<HeldResource>(all.Values.Where(r => r.Kind == Wire.ResourceKind.Binding || r.Name == profile?.Value));
        while (reached.TryDequeue(out var resource))
        {
            if (held.TryAdd((resource.Kind, resource.Name), resource))
            {
                foreach (var reference in resource.References)
                {
                    reached.Enqueue(all[reference]);
                }
            }
        }

        return new AgentState(held.ToImmutable());
    }

    private static HeldResource? OfTenant(TenantName tenant, Resource resource, string node) => resource.Key.Kind switch
    {
        ResourceKind.Binding => resource.Key.Name == node ? Of(Wire.ResourceKind.Binding, tenant.Value, resource) : null,
        ResourceKind.Profile => Of(Wire.ResourceKind.Profile, resource.Key.Name, resource),
        ResourceKind.PolicyRules => Of(Wire.ResourceKind.PolicyRules, resource.Key.Name, resource),
        _ => null,
    };

    private static IEnumerable<HeldResource> Groups(CompiledCluster cluster) =>
        cluster.Tenants.Values.SelectMany(t => t.Held.Values).Concat(cluster.OfNodes).Select(r => r.Head).OfType<ResourceHead.PolicyRules>().SelectMany(r => r.Groups)
            .DistinctBy(g => g.Id)
            .Select(g => new HeldResource(
                Wire.ResourceKind.Group,
                g.Id.Value,
                ByteString.Empty,
                [.. MembersOf(cluster, g).Select(m => ByteString.CopyFrom(MemberEncoding.Pack(m)))]));

    private static IEnumerable<GroupMember> MembersOf(CompiledCluster cluster, GroupDefinition definition) => definition switch
    {
        GroupDefinition.OfEndpoints(var scope, var part) => cluster.Tenants.Values
            .Where(t => scope.Includes(t.Name, cluster.State.Tenant(t.Name).Labels))
            .SelectMany(t => t.Held[new ResourceKey(ResourceKind.GroupPart, part.Id.Value)].Entries.Select(e => ((ResourceEntry.Member)e).Value)),
        GroupDefinition.OfNetworkSet(var name) => cluster.State.NetworkSets.TryGetValue(name, out var set) ? set.Cidrs.Select(c => new GroupMember(c)) : [],
        GroupDefinition.OfNodes(var selector) => cluster.State.Nodes.Values
            .Where(n => selector.Matches(n.Labels)).SelectMany(n => n.Addresses).Select(a => new GroupMember(Primitives.Cidr.Host(a))),
        _ => throw new InvalidOperationException($"unknown group {definition}"),
    };
}
