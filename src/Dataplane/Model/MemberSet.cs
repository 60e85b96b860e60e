using System.Collections;
using System.Collections.Immutable;

namespace Vallum.Dataplane.Model;

/// <summary>
/// An immutable set of members that remembers how it came from the one before it, so that the difference of two neighbours costs what changed and
/// not what is in them.
/// </summary>
public sealed class MemberSet : IReadOnlyCollection<SetMember>
{
    public static readonly MemberSet Empty = new([], null, default);

    private readonly ImmutableHashSet<SetMember> _members;
    private readonly object _identity = new();

    // The identity of the set that this one was made from: not the set itself, which would keep every ancestor alive.
    private readonly object? _ancestor;
    private readonly MemberChange _change;

    private MemberSet(ImmutableHashSet<SetMember> members, object? ancestor, MemberChange change)
    {
        _members = members;
        _ancestor = ancestor;
        _change = change;
    }

    public int Count => _members.Count;

    public static MemberSet Of(IEnumerable<SetMember> members)
    {
        var set = ImmutableHashSet.CreateRange(members);
        return set.IsEmpty ? Empty : new MemberSet(set, null, default);
    }

    /// <summary>What to add to <paramref name="from"/> and what to remove from it to have <paramref name="to"/>; both sorted.</summary>
    public static MemberChange Between(MemberSet from, MemberSet to)
    {
        if (ReferenceEquals(from, to) || ReferenceEquals(from._members, to._members))
        {
            return MemberChange.None;
        }

        return ReferenceEquals(to._ancestor, from._identity)
            ? to._change
            : new MemberChange([.. to._members.Except(from._members).Order()], [.. from._members.Except(to._members).Order()]);
    }

    public bool Contains(SetMember member) => _members.Contains(member);

    public bool SetEquals(MemberSet other) =>
        ReferenceEquals(this, other) || (Count == other.Count && _members.All(other._members.Contains));

    public MemberSet With(IEnumerable<SetMember> added, IEnumerable<SetMember> removed)
    {
        var change = new MemberChange(
            [.. added.Where(m => !_members.Contains(m)).Distinct().Order()],
            [.. removed.Where(_members.Contains).Distinct().Order()]);
        return change.IsNone ? this : new MemberSet(_members.Except(change.Removed).Union(change.Added), _identity, change);
    }

    public IEnumerator<SetMember> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Members that come and go.</summary>
public readonly record struct MemberChange(ImmutableArray<SetMember> Added, ImmutableArray<SetMember> Removed)
{
    public static readonly MemberChange None = new([], []);

    public bool IsNone => Added.IsDefaultOrEmpty && Removed.IsDefaultOrEmpty;
}
