using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Judging;

/// <summary>The groups of a state, each ready to be asked for an address.</summary>
/// <param name="previous">Those of a state before: what is known of its groups is not found out again.</param>
internal sealed class HeldGroups(PersistentDictionary<string, Group> groups, HeldGroups? previous)
{
    private readonly Dictionary<(string Name, IpFamily Family, bool Ports), PrefixSet> _asked = [];
    private HeldGroups? _previous = previous;

    public bool Has(string name) => groups.ContainsKey(name);

    /// <summary>Empty for a group that is not held.</summary>
    public PrefixSet Find(string name, IpFamily family, bool ports)
    {
        if (_asked.TryGetValue((name, family, ports), out var asked))
        {
            return asked;
        }

        var members = groups.TryGetValue(name, out var group) ? ports ? group.Ports(family) : group.Blocks(family) : MemberSet.Empty;
        var found = _previous is not null && _previous._asked.TryGetValue((name, family, ports), out var before)
            ? before.Follow(members)
            : PrefixSet.Of(members);
        _asked.Add((name, family, ports), found);
        return found;
    }

    /// <summary>No chain of all states that ever were.</summary>
    public HeldGroups WithoutPrevious()
    {
        _previous = null;
        return this;
    }
}

/// <summary>Members with the prefix lengths among them: an address is looked for once per length, not once per member.</summary>
internal sealed class PrefixSet
{
    private readonly MemberSet _members;

    // Ascending. A length of which no member is left costs a look, and nothing else.
    private readonly ImmutableArray<byte> _lengths;

    private PrefixSet(MemberSet members, ImmutableArray<byte> lengths)
    {
        _members = members;
        _lengths = lengths;
    }

    public static PrefixSet Of(MemberSet members) => new(members, Lengths(members));

    /// <summary>The set that this one became; costs what changed.</summary>
    public PrefixSet Follow(MemberSet next) => ReferenceEquals(next, _members)
        ? this
        : new PrefixSet(next, [.. _lengths.Union(Lengths(MemberSet.Between(_members, next).Added)).Order()]);

    /// <summary>Whether a block of the set holds the address; members with a protocol count where that and the port are given.</summary>
    public bool Holds(Address address, byte? protocol = null, ushort port = 0)
    {
        foreach (var length in _lengths)
        {
            if (_members.Contains(new SetMember(Cidr.Containing(address, length), protocol, port)))
            {
                return true;
            }
        }

        return false;
    }

    private static ImmutableArray<byte> Lengths(IEnumerable<SetMember> members)
    {
        Span<bool> seen = stackalloc bool[129];
        seen.Clear();
        foreach (var member in members)
        {
            seen[member.Net.Length] = true;
        }

        var lengths = ImmutableArray.CreateBuilder<byte>();
        for (var length = 0; length < seen.Length; length++)
        {
            if (seen[length])
            {
                lengths.Add((byte)length);
            }
        }

        return lengths.ToImmutable();
    }
}
