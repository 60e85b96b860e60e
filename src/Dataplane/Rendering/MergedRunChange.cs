using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// What matches that come and go give to the sets of a run and take from them. A group gives its members to a place once, however many policies ask
/// for it there.
/// </summary>
internal sealed class MergedRunChange(
    IpFamily family, PersistentDictionary<string, ImmutableDictionary<PortTarget, int>> before, PersistentDictionary<PortTarget, int> ranges)
{
    private readonly PersistentDictionary<string, ImmutableDictionary<PortTarget, int>> _before = before;
    private readonly List<(AskedMatch Match, int Change)> _matches = [];
    private readonly Dictionary<RunSet, MergedChange> _changes = [];
    private readonly HashSet<(string Group, PortTarget Target)> _touched = [];

    public PersistentDictionary<string, ImmutableDictionary<PortTarget, int>> Groups { get; private set; } = before;

    public PersistentDictionary<PortTarget, int> Ranges { get; private set; } = ranges;

    public MergedRunChange Take(IReadOnlyCollection<AskedMatch> removed, IReadOnlyCollection<AskedMatch> added)
    {
        var next = Groups.ToBuilder();
        var nextRanges = Ranges.ToBuilder();
        foreach (var (match, change) in removed.Select(m => (m, -1)).Concat(added.Select(m => (m, 1))))
        {
            _matches.Add((match, change));
            foreach (var target in Targets(match))
            {
                if (target.IsRange)
                {
                    var count = (nextRanges.TryGetValue(target, out var known) ? known : 0) + change;
                    Put(nextRanges, target, count, count == 0);
                }

                foreach (var group in GroupsOf(match))
                {
                    _touched.Add((group, target));
                    var there = next.TryGetValue(group, out var targets) ? targets : ImmutableDictionary<PortTarget, int>.Empty;
                    var count = there.GetValueOrDefault(target) + change;
                    there = count == 0 ? there.Remove(target) : there.SetItem(target, count);
                    Put(next, group, there, there.IsEmpty);
                }
            }
        }

        Groups = next.ToDictionary();
        Ranges = nextRanges.ToDictionary();
        return this;
    }

    /// <summary>The groups of the run whose members or targets differ.</summary>
    public IReadOnlyCollection<string> TouchedGroups(IReadOnlyCollection<string> changed) =>
        _touched.Select(t => t.Group).Concat(changed.Where(_before.ContainsKey)).ToHashSet();

    /// <param name="cut">Protocols whose ranges are cut into parts.</param>
    /// <param name="changed">The groups whose members differ between the two states.</param>
    /// <param name="wereKept">The groups that gave nothing to the sets.</param>
    /// <param name="kept">Those that give nothing now.</param>
    public Dictionary<RunSet, MergedChange> Places(
        ImmutableSortedSet<byte> cut, NodeState old, NodeState now, IReadOnlyCollection<string> changed, KeptGroups wereKept, KeptGroups kept)
    {
        foreach (var (match, change) in _matches)
        {
            foreach (var target in Targets(match))
            {
                foreach (var (set, protocol, port) in target.Places(cut.Contains))
                {
                    Give(match.Peers, set, new SetMember(default, protocol, port), change);
                }
            }
        }

        var turned = wereKept.Differing(kept).Concat(changed).Where(_before.ContainsKey).SelectMany(g => _before[g].Keys.Select(t => (g, t)));
        foreach (var (group, target) in _touched.Concat(turned).Distinct())
        {
            var had = !wereKept.Contains(group) && _before.TryGetValue(group, out var targets) && targets.ContainsKey(target) ? Members(old, group, target) : null;
            var has = !kept.Contains(group) && Groups.TryGetValue(group, out targets) && targets.ContainsKey(target) ? Members(now, group, target) : null;
            if (had is null && has is null)
            {
                continue;
            }

            var members = MemberSet.Between(had ?? MemberSet.Empty, has ?? MemberSet.Empty);
            foreach (var (set, protocol, port) in target.Places(cut.Contains))
            {
                var gives = ChangeOf(set);
                gives.Sources += (has is null ? 0 : 1) - (had is null ? 0 : 1);
                gives.Plain.AddRange(members.Removed.Select(m => (Placed(m), -1)));
                gives.Plain.AddRange(members.Added.Select(m => (Placed(m), 1)));

                SetMember Placed(SetMember member) => protocol is null ? member : member with { Protocol = protocol, Port = port };
            }
        }

        return _changes;
    }

    private static void Put<TKey, TValue>(PersistentDictionary<TKey, TValue>.Builder map, TKey key, TValue value, bool isNone)
        where TKey : notnull
    {
        if (isNone)
        {
            map.Remove(key);
        }
        else
        {
            map.Set(key, value);
        }
    }

    private static IEnumerable<PortTarget> Targets(AskedMatch match) =>
        match.DestinationPorts is null ? match.Services.SelectMany(PortTarget.Of) : [PortTarget.Own];

    private static ImmutableArray<string> GroupsOf(AskedMatch match) => match.DestinationPorts is { } ports ? [ports] : match.Peers.Groups;

    private MemberSet Members(NodeState state, string group, PortTarget target) =>
        KernelBlocks.OfMembers(target.OwnPorts ? state.Groups[group].Ports(family) : state.Groups[group].Blocks(family));

    private void Give(AskedPeers peers, RunSet set, SetMember key, int change)
    {
        if (set == RunSet.Ports && key.Protocol is null)
        {
            // Members with ports of their own: a group gives them.
            return;
        }

        var gives = ChangeOf(set);
        if (peers.Everything)
        {
            gives.Sources += change;
            gives.Plain.AddRange(KernelBlocks.Everything(family).Select(net => (key with { Net = net }, change)));
            return;
        }

        foreach (var net in peers.Plain)
        {
            gives.Sources += change;
            gives.Plain.Add((key with { Net = net }, change));
        }

        foreach (var block in peers.Cut)
        {
            gives.Sources += change;
            gives.Cut.AddRange(KernelBlocks.Cut(block).Select(part => (key with { Net = part.Block }, part, change)));
        }
    }

    private MergedChange ChangeOf(RunSet set)
    {
        ref var change = ref CollectionsMarshal.GetValueRefOrAddDefault(_changes, set, out _);
        return change ??= new MergedChange();
    }
}
