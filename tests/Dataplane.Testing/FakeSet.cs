using Vallum.Dataplane.Model;
using Vallum.Dataplane.Parsing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>A set in memory: what `ipset create` was told, and members by the words that name them.</summary>
internal sealed class FakeSet(string create)
{
    private readonly SortedDictionary<string, SetMember> _members = new(StringComparer.Ordinal);

    public string Create { get; } = create;

    /// <summary>Type and family: "hash:net family inet".</summary>
    public string Kind => string.Join(' ', Create.Split(' ').Take(3));

    public int Count => _members.Count;

    /// <summary>What the set takes at most; the kernel's default where nothing was said.</summary>
    public int MaxMembers => Create.Split(' ') is var words && Array.IndexOf(words, "maxelem") is >= 0 and var at
        ? int.Parse(words[at + 1], System.Globalization.CultureInfo.InvariantCulture)
        : 65536;

    /// <summary>Words and flag, as `ipset save` prints them.</summary>
    public IEnumerable<string> Saved => _members.Select(m => m.Value.NoMatch ? m.Key + " nomatch" : m.Key);

    public bool Contains(string member) => _members.ContainsKey(member);

    public void Add(string member, bool noMatch)
    {
        // A set of a type that we make none of has members that nothing reads.
        var parsed = SavedSets.Parse($"create vallum4-x {Create}\nadd vallum4-x {member}\n")["vallum4-x"].Members;
        _members[member] = (parsed.Count == 1 ? parsed.Single() : default) with { NoMatch = noMatch };
    }

    public void Remove(string member) => _members.Remove(member);

    /// <summary>The narrowest block that holds the address decides.</summary>
    public bool Holds(Address address, byte protocol, int port, string link)
    {
        SetMember? best = null;
        foreach (var member in _members.Values)
        {
            if (member.Net.Contains(address) && (member.Protocol is null || (member.Protocol == protocol && member.Port == port)) &&
                (member.Interface is null || member.Interface == link) && (best is null || member.Net.Length > best.Value.Net.Length))
            {
                best = member;
            }
        }

        return best is { NoMatch: false };
    }
}
