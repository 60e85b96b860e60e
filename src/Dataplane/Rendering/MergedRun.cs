using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// What makes a run of rules with one outcome. <paramref name="Name"/>: of it, among all of the node, from which its sets and chains have theirs.
/// <paramref name="Goto"/>: where a flow that matches goes; null: RETURN. <paramref name="CutEnd"/>: the last rule of chains that look for a part of a
/// range; null: the run may not have such chains; empty: they are jumped to and return. <paramref name="UncutRanges"/> and
/// <paramref name="UncopiedMembers"/>: of <see cref="RenderOptions"/>.
/// </summary>
internal sealed record RunFrame(IpFamily Family, Direction Direction, string Name, string? Goto, string? CutEnd, int UncutRanges, int UncopiedMembers)
{
    public string Side => Direction == Direction.Ingress ? "src" : "dst";

    public string NameOf(RunSet set) => KernelNames.Set(Family, "m", $"{Name}\n{set.Key}");

    public string Decide(RuleText condition) => Goto is null ? condition.Return() : condition.Goto(Goto);
}

/// <summary>
/// A run of rules as sets: the same few lookups for any number of policies. It keeps who gave what, so that a change costs what it says.
/// </summary>
internal sealed class MergedRun
{
    private readonly RunFrame _frame;
    private readonly PersistentDictionary<string, ImmutableDictionary<PortTarget, int>> _groups;
    private readonly PersistentDictionary<PortTarget, int> _ranges;
    private readonly ImmutableSortedSet<byte> _cut;
    private readonly KeptGroups _kept;
    private readonly PersistentDictionary<RunSet, MergedSet> _sets;

    private MergedRun(
        RunFrame frame,
        PersistentDictionary<string, ImmutableDictionary<PortTarget, int>> groups,
        PersistentDictionary<PortTarget, int> ranges,
        ImmutableSortedSet<byte> cut,
        KeptGroups kept,
        PersistentDictionary<RunSet, MergedSet> sets,
        PersistentDictionary<string, KernelSet> kernel,
        RunRules rules)
    {
        (_frame, _groups, _ranges, _cut, _kept, _sets) = (frame, groups, ranges, cut, kept, sets);
        (Sets, Rules) = (kernel, rules);
    }

    /// <summary>By name.</summary>
    public PersistentDictionary<string, KernelSet> Sets { get; }

    /// <summary>The same instance as before where only members changed.</summary>
    public RunRules Rules { get; }

    /// <summary>The shared sets that its rules name.</summary>
    public IEnumerable<SharedSet> Uses => _kept.Asked.Select(a => a.Set(_frame.Family));

    public static MergedRun Of(RunFrame frame, IEnumerable<AskedMatch> matches, NodeState state)
    {
        var all = matches as IReadOnlyCollection<AskedMatch> ?? [.. matches];
        var empty = new MergedRun(
            frame,
            PersistentDictionary<string, ImmutableDictionary<PortTarget, int>>.Empty,
            PersistentDictionary<PortTarget, int>.Empty,
            [],
            KeptGroups.None,
            PersistentDictionary<RunSet, MergedSet>.Empty,
            PersistentDictionary<string, KernelSet>.Empty,
            RunRules.Empty);
        return empty.With(new MergedRunChange(frame.Family, empty._groups, empty._ranges).Take([], all), state, state, []);
    }

    public bool Asks(string group) => _groups.ContainsKey(group);

    /// <summary>Null when other protocols' ranges are to be cut than were: then it is made anew.</summary>
    /// <param name="changed">The groups whose members differ between the two states.</param>
    public MergedRun? Next(
        IReadOnlyCollection<AskedMatch> removed, IReadOnlyCollection<AskedMatch> added, NodeState before, NodeState after, IReadOnlyCollection<string> changed)
    {
        var change = new MergedRunChange(_frame.Family, _groups, _ranges).Take(removed, added);
        return ReferenceEquals(change.Ranges, _ranges) || Cut(change.Ranges).SetEquals(_cut) ? With(change, before, after, changed) : null;
    }

    private MergedRun With(MergedRunChange change, NodeState before, NodeState after, IReadOnlyCollection<string> changed)
    {
        var ranges = change.Ranges;
        var cut = _sets.IsEmpty ? Cut(ranges) : _cut;
        var kept = _kept.With(_frame, change.TouchedGroups(changed), change.Groups, before, after);
        var changes = change.Places(cut, before, after, changed, _kept, kept);
        var sets = _sets.ToBuilder();
        var kernel = Sets.ToBuilder();
        var reshaped = !_kept.Asked.SequenceEqual(kept.Asked);
        foreach (var (set, what) in changes)
        {
            var there = sets.TryGetValue(set, out var known) ? known : MergedSet.Empty;
            var next = there.With(what);
            var name = _frame.NameOf(set);
            reshaped |= (there.Sources == 0) != (next.Sources == 0);
            if (next.Sources == 0)
            {
                sets.Remove(set);
                kernel.Remove(name);
                continue;
            }

            sets.Set(set, next);
            if (there.Sources == 0 || !ReferenceEquals(there.Members, next.Members))
            {
                kernel.Set(name, new KernelSet(name, set.Type, _frame.Family, next.Members) { MaxMembers = KernelSet.RoomFor(next.Members.Count) });
            }
        }

        var all = sets.ToDictionary();
        return new MergedRun(_frame, change.Groups, ranges, cut, kept, all, kernel.ToDictionary(), reshaped ? RunRules.Of(_frame, all.Keys, kept) : Rules);
    }

    private ImmutableSortedSet<byte> Cut(PersistentDictionary<PortTarget, int> ranges) => _frame.CutEnd is null || ranges.Count <= _frame.UncutRanges
        ? []
        : [.. ranges.Keys.GroupBy(r => r.Protocol!.Value).Where(g => IpProtocol.HasPorts(g.Key) && g.Count() > _frame.UncutRanges).Select(g => g.Key)];
}
