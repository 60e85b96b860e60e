using System.Collections;
using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Dataplane.Model;

/// <summary>
/// An immutable set of members that remembers how it came from the one before it, so that the difference of two neighbours costs what changed and
/// not what is in them.
/// </summary>
public sealed class MemberSet : IReadOnlyCollection<SetMember>
{
    public static readonly MemberSet Empty = new([], ImmutableSortedDictionary<byte, int>.Empty, null, default);

    private readonly ImmutableHashSet<SetMember> _members;

    // How many members have each prefix length: an address is looked for once per length, not once per member.
    private readonly ImmutableSortedDictionary<byte, int> _lengths;
    private readonly object _identity = new();

    // The identity of the set that this one was made from: not the set itself, which would keep every ancestor alive.
    private readonly object? _ancestor;
    private readonly MemberChange _change;

    private MemberSet(
        ImmutableHashSet<SetMember> members, ImmutableSortedDictionary<byte, int> lengths, object? ancestor, MemberChange change)
    {
        _members = members;
        _lengths = lengths;
        _ancestor = ancestor;
        _change = change;
    }

    public int Count => _members.Count;

    public static MemberSet Of(IEnumerable<SetMember> members)
    {
        var set = ImmutableHashSet.CreateRange(members);
        return set.IsEmpty ? Empty : new MemberSet(set, Lengths(ImmutableSortedDictionary<byte, int>.Empty, set, []), null, default);
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

    /// <summary>Whether a block of the set holds the address; members with a protocol count where that and the port are given.</summary>
    public bool Holds(Address address, byte? protocol = null, ushort port = 0)
    {
        foreach (var (length, _) in _lengths)
        {
            if (length <= address.Width && _members.Contains(new SetMember(Cidr.Containing(address, length), protocol, port)))
            {
                return true;
            }
        }

        return false;
    }

    public bool SetEquals(MemberSet other) =>
        ReferenceEquals(this, other) || (Count == other.Count && _members.All(other._members.Contains));

    public MemberSet With(IEnumerable<SetMember> added, IEnumerable<SetMember> removed)
    {
        var change = new MemberChange(
            [.. added.Where(m => !_members.Contains(m)).Distinct().Order()],
            [.. removed.Where(_members.Contains).Distinct().Order()]);
        return change.IsNone
            ? this
            : new MemberSet(
                _members.Except(change.Removed).Union(change.Added), Lengths(_lengths, change.Added, change.Removed), _identity, change);
    }

    public IEnumerator<SetMember> GetEnumerator() => _members.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static ImmutableSortedDictionary<byte, int> Lengths(
        ImmutableSortedDictionary<byte, int> before, IEnumerable<SetMember> added, IEnumerable<SetMember> removed)
    {
        var lengths = before.ToBuilder();
        foreach (var member in added)
        {
            lengths[member.Net.Length] = lengths.GetValueOrDefault(member.Net.Length) + 1;
        }

        foreach (var member in removed)
        {
            if (--lengths[member.Net.Length] == 0)
            {
                lengths.Remove(member.Net.Length);
            }
        }

        return lengths.ToImmutable();
    }
}

/// <summary>Members that come and go.</summary>
public readonly record struct MemberChange(ImmutableArray<SetMember> Added, ImmutableArray<SetMember> Removed)
{
    public static readonly MemberChange None = new([], []);

    public bool IsNone => Added.IsDefaultOrEmpty && Removed.IsDefaultOrEmpty;
}
