using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Testing.Compiled;
using Binding = Vallum.Dataplane.Model.Binding;
using Group = Vallum.Dataplane.Model.Group;

namespace Vallum.Dataplane.Packets.Tests.Worlds;

/// <summary>
/// One node as the control plane tells it of compiled clusters, one after the other: what is the same stays the same object, and members come and go,
/// as an agent that is told of changes has it.
/// </summary>
internal sealed class ToldNode(NodeName name)
{
    private readonly Dictionary<string, object> _told = [];

    public NodeState State { get; private set; } = NodeState.Empty;

    public NodeState Take(CompiledCluster cluster)
    {
        var held = cluster.Tenants.Values.SelectMany(t => t.Held.Values).ToArray();
        ImmutableArray<Binding> bindings =
        [
            .. held.Where(r => r.Key == new ResourceKey(ResourceKind.Binding, name.Value))
                .SelectMany(r => r.Entries).Cast<ResourceEntry.BoundEndpoint>()
                .Select(e => new Binding(e.Endpoint.ToString(), e.Addresses, e.Interface, e.Profile.Value))
                .OrderBy(b => b.Endpoint, StringComparer.Ordinal),
        ];
        var profiles = held.Where(r => r.Key.Kind == ResourceKind.Profile && bindings.Any(b => b.Profile == r.Key.Name))
            .ToDictionary(r => r.Key.Name, DomainWords.ProfileOf);
        var named = profiles.Values.SelectMany(p => p.Policies).Select(p => p.Rules).ToHashSet();
        var heads = held.Where(r => r.Key.Kind == ResourceKind.PolicyRules && named.Contains(r.Key.Name)).DistinctBy(r => r.Key.Name)
            .ToDictionary(r => r.Key.Name, r => (ResourceHead.PolicyRules)r.Head);
        var members = new GroupMembers(cluster);
        var groups = heads.Values.SelectMany(h => h.Groups).Select(g => g.Id).Distinct().ToDictionary(g => g.Value, g => members.Of(g));
        ImmutableArray<Primitives.Address> own = cluster.State.Nodes.TryGetValue(name, out var node) ? [.. node.Addresses.Order()] : [];
        State = new NodeState(
            State.NodeAddresses.SequenceEqual(own) ? State.NodeAddresses : own,
            State.Bindings.SequenceEqual(bindings) ? State.Bindings : bindings,
            Next(State.Profiles, profiles, "profile", p => p),
            Next(State.Rules, heads, "rules", DomainWords.RulesOf),
            Next(State.Groups, groups));
        return State;
    }

    private PersistentDictionary<string, TModel> Next<TTold, TModel>(
        PersistentDictionary<string, TModel> before, Dictionary<string, TTold> told, string kind, Func<TTold, TModel> word)
        where TTold : notnull
    {
        var next = before.Keys.Where(k => !told.ContainsKey(k)).Aggregate(before, (all, gone) => all.Remove(gone));
        foreach (var (key, value) in told)
        {
            if (!next.ContainsKey(key) || !_told[$"{kind} {key}"].Equals(value))
            {
                _told[$"{kind} {key}"] = value;
                next = next.SetItem(key, word(value));
            }
        }

        return next;
    }

    private static PersistentDictionary<string, Group> Next(
        PersistentDictionary<string, Group> before, Dictionary<string, ImmutableHashSet<GroupMember>> told)
    {
        var next = before.Keys.Where(k => !told.ContainsKey(k)).Aggregate(before, (all, gone) => all.Remove(gone));
        foreach (var (key, members) in told)
        {
            var group = next.TryGetValue(key, out var known) ? known : Group.Empty;
            var there = new[] { group.V4, group.V6, group.V4Ports, group.V6Ports }.SelectMany(s => s).ToHashSet();
            var wanted = members.Select(m => new SetMember(m.Cidr, m.Protocol, m.Port ?? 0)).ToHashSet();
            if (!next.ContainsKey(key) || !there.SetEquals(wanted))
            {
                next = next.SetItem(key, group.With(wanted.Except(there), there.Except(wanted)));
            }
        }

        return next;
    }
}
