using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>What differs between the state that was rendered before and the one that is to be, as far as both families need it.</summary>
internal sealed class LayoutChange
{
    private readonly RuleIndex _index;
    private readonly ProfileClasses _egress;
    private readonly ProfileClasses _ingress;

    // Rules that differ, or that name a group which is held in one state only.
    private readonly HashSet<string> _touched;

    private readonly ListDifferences _differences = new();

    // Both families read the same lists.
    private readonly Dictionary<(ChainKey Key, PolicyList? Before), (PolicyList List, List<PolicyChange> Changes)> _lists = [];

    private LayoutChange(NodeState before, NodeState after, RenderOptions options, bool isFirst, SharedReadings shared)
    {
        (Before, After, Options, IsFirst) = (before, after, options, isFirst);
        var rules = PersistentDictionary.Between(before.Rules, after.Rules).ToArray();
        _index = shared.Index.Next(rules);
        _touched = [.. rules.Select(r => r.Key)];
        var groups = new List<string>();
        foreach (var group in PersistentDictionary.Between(before.Groups, after.Groups))
        {
            if (group.WasThere && group.IsThere)
            {
                groups.Add(group.Key);
            }
            else
            {
                _touched.UnionWith(_index.RulesOf(group.Key));
            }
        }

        Groups = groups;
        var profiles = PersistentDictionary.Between(before.Profiles, after.Profiles).Select(p => p.Key).ToHashSet();
        var ports = RuleIndex.PortsAskedByOne(shared.Index, _index).ToHashSet();
        if (ports.Count > 0)
        {
            profiles.UnionWith(after.Profiles.Where(p => p.Value.NamedPorts.Any(n => ports.Contains(n.Name))).Select(p => p.Key));
        }

        _egress = shared.Egress.Next(profiles, before, after, _index.AsksPort, _differences);
        _ingress = shared.Ingress.Next(profiles, before, after, _index.AsksPort, _differences);
    }

    public NodeState Before { get; }

    public NodeState After { get; }

    public RenderOptions Options { get; }

    /// <summary>Nothing was rendered before.</summary>
    public bool IsFirst { get; }

    /// <summary>The groups whose members differ.</summary>
    public IReadOnlyCollection<string> Groups { get; }

    public SharedReadings Shared => new(_index, _egress, _ingress);

    public static LayoutChange First(NodeState state, RenderOptions options) => new(NodeState.Empty, state, options, true, SharedReadings.Empty);

    public static LayoutChange Between(NodeState before, NodeState after, RenderOptions options, SharedReadings shared) =>
        new(before, after, options, false, shared);

    public ProfileClasses Classes(Direction direction) => direction == Direction.Egress ? _egress : _ingress;

    /// <summary>The same instance where nothing of it changed.</summary>
    public ProfileChain Chain(IpFamily family, ChainKey key, ProfileChain? before)
    {
        var profile = After.Profiles[key.Class];
        var named = ProfileClasses.Used(profile, _index.AsksPort);
        if (before is not null && before.Policies.IsUntouched(profile, _touched) && !Groups.Any(before.Asks) && before.IsReadAs(before.Policies, named))
        {
            return before;
        }

        if (before is not null)
        {
            var (next, changes) = List(key, profile, before.Policies);
            if (before.IsReadAs(next, named))
            {
                return before.Next(next, changes, Before, After, Groups);
            }
        }

        var (list, all) = List(key, profile, null);
        return ProfileChain.Of(new ChainFrame(family, key.Direction, key.Class, Options), list, all, named, After);
    }

    private (PolicyList List, List<PolicyChange> Changes) List(ChainKey key, Profile profile, PolicyList? before)
    {
        if (!_lists.TryGetValue((key, before), out var list))
        {
            list = before is null ? PolicyList.Of(key.Direction, profile, After, _differences) : before.Next(profile, Before, After, _touched, _differences);
            _lists.Add((key, before), list);
        }

        return list;
    }
}

/// <summary>What both families read the policies by.</summary>
internal sealed record SharedReadings(RuleIndex Index, ProfileClasses Egress, ProfileClasses Ingress)
{
    public static readonly SharedReadings Empty = new(
        RuleIndex.Empty, ProfileClasses.Empty(Direction.Egress), ProfileClasses.Empty(Direction.Ingress));
}
