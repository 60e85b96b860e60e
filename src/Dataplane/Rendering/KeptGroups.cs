using System.Collections.Immutable;
using System.Numerics;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// The large groups of a merged run, which are not copied into its sets: each is asked by a rule for every target, with the set that all chains share.
/// The largest come first, by magnitude and not by count, so that two groups of one size do not change places member by member.
/// </summary>
internal sealed class KeptGroups
{
    public static readonly KeptGroups None = new([], []);

    // What the first packet of a flow pays for groups that are not copied: as much again as the unmerged conditions of a run.
    private const int MostRules = 8;

    private readonly ImmutableSortedSet<LargeGroup> _large;
    private readonly ImmutableHashSet<string> _names;

    private KeptGroups(ImmutableSortedSet<LargeGroup> large, ImmutableArray<KeptTarget> asked)
    {
        (_large, Asked) = (large, asked);
        _names = [.. asked.Select(a => a.Group)];
    }

    /// <summary>In the order of the rules.</summary>
    public ImmutableArray<KeptTarget> Asked { get; }

    public bool Contains(string group) => _names.Contains(group);

    /// <summary>The groups that are kept in one of the two and copied in the other.</summary>
    public IEnumerable<string> Differing(KeptGroups other) => ReferenceEquals(this, other) ? [] : _names.SymmetricExcept(other._names);

    /// <param name="touched">The groups whose members or targets differ.</param>
    /// <param name="groups">All groups of the run with their targets, afterwards.</param>
    public KeptGroups With(
        RunFrame frame, IReadOnlyCollection<string> touched, PersistentDictionary<string, ImmutableDictionary<PortTarget, int>> groups, NodeState before, NodeState after)
    {
        if (touched.Count == 0)
        {
            return this;
        }

        var large = _large.ToBuilder();
        foreach (var group in touched)
        {
            if (before.Groups.TryGetValue(group, out var was))
            {
                large.Remove(LargeGroup.Of(group, was, frame.Family));
            }

            if (groups.ContainsKey(group) && after.Groups[group] is var now && now.Blocks(frame.Family).Count >= frame.UncopiedMembers)
            {
                large.Add(LargeGroup.Of(group, now, frame.Family));
            }
        }

        var all = large.ToImmutable();
        return all.IsEmpty && _large.IsEmpty ? this : new KeptGroups(all, Choose(all, groups));
    }

    private static ImmutableArray<KeptTarget> Choose(
        ImmutableSortedSet<LargeGroup> large, PersistentDictionary<string, ImmutableDictionary<PortTarget, int>> groups)
    {
        var chosen = ImmutableArray.CreateBuilder<KeptTarget>(MostRules);
        foreach (var group in large.TakeWhile(_ => chosen.Count < MostRules))
        {
            _ = groups.TryGetValue(group.Name, out var targets);
            if (chosen.Count + targets!.Count <= MostRules && !targets.Keys.Any(t => t.OwnPorts))
            {
                chosen.AddRange(targets.Keys.OrderBy(t => t.Protocol).ThenBy(t => t.Ports?.First).ThenBy(t => t.Ports?.Last).Select(t => new KeptTarget(group.Name, t)));
            }
        }

        return chosen.ToImmutable();
    }
}

/// <summary>One rule of a kept group: its members with one protocol or range of ports, or with any.</summary>
internal readonly record struct KeptTarget(string Group, PortTarget Target)
{
    public SharedSet Set(IpFamily family) => SharedSet.OfGroup(family, Group);

    public RuleText Condition(RunFrame frame)
    {
        var rule = RuleText.All with { Protocol = Target.Protocol };
        return (Target is { Protocol: { } protocol, Ports: { } ports } ? rule.And(AskedService.PortMatch(protocol, ports)) : rule)
            .AndSet(Set(frame.Family).Name, frame.Side);
    }
}

/// <param name="Magnitude">Of its count of members, to the base of 4.</param>
internal readonly record struct LargeGroup(int Magnitude, string Name) : IComparable<LargeGroup>
{
    public static LargeGroup Of(string name, Group group, IpFamily family) => new(BitOperations.Log2((uint)group.Blocks(family).Count) / 2, name);

    public int CompareTo(LargeGroup other) => Magnitude != other.Magnitude ? other.Magnitude.CompareTo(Magnitude) : string.CompareOrdinal(Name, other.Name);
}
