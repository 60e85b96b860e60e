using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Parsing;

/// <summary>What `ipset save` and `ipset list -terse` say, as far as it is ours.</summary>
public static class SavedSets
{
    public static ImmutableSortedDictionary<string, KernelSet> Parse(string text)
    {
        var heads = new Dictionary<string, KernelSet>(StringComparer.Ordinal);
        var members = new Dictionary<string, List<SetMember>>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ');
            if (words.Length < 3 || !KernelNames.IsOurSet(words[1]))
            {
                continue;
            }

            if (words[0] == "create")
            {
                var family = line.Contains(" family inet6 ", StringComparison.Ordinal) ? IpFamily.V6 : IpFamily.V4;
                heads[words[1]] = new KernelSet(words[1], Type(words[2]), family, MemberSet.Empty)
                {
                    MaxMembers = MaxMembers(words),
                };
                members[words[1]] = [];
            }
            else if (words[0] == "add" && Member(words[2], words is [.., "nomatch"]) is { } member)
            {
                members[words[1]].Add(member);
            }
        }

        return heads.ToImmutableSortedDictionary(
            h => h.Key, h => h.Value with { Members = MemberSet.Of(members[h.Key]) }, StringComparer.Ordinal);
    }

    /// <summary>How many members each of our sets has, from the headers that `ipset list -terse` prints.</summary>
    public static ImmutableSortedDictionary<string, int> ParseCounts(string text)
    {
        var counts = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        string? name = null;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith("Name: ", StringComparison.Ordinal))
            {
                name = line["Name: ".Length..];
            }
            else if (name is not null && KernelNames.IsOurSet(name) && line.StartsWith("Number of entries: ", StringComparison.Ordinal))
            {
                counts[name] = int.Parse(line["Number of entries: ".Length..], CultureInfo.InvariantCulture);
            }
        }

        return counts.ToImmutable();
    }

    private static int MaxMembers(string[] words) =>
        Array.IndexOf(words, "maxelem") is >= 0 and var at && at + 1 < words.Length &&
        int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var members)
            ? members
            : KernelSet.UsualMaxMembers;

    private static SetType Type(string word) => word switch
    {
        "hash:net" => SetType.Net,
        "hash:net,port" => SetType.NetPort,
        "hash:net,iface" => SetType.NetInterface,
        _ => SetType.Other,
    };

    /// <summary>Null for a member that no set of ours has: it is not one of ours, and the set counts as changed by its number of members.</summary>
    private static SetMember? Member(string text, bool noMatch)
    {
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        if (SavedAddress.Block(comma < 0 ? text : text[..comma]) is not { } net)
        {
            return null;
        }

        if (comma < 0)
        {
            return new SetMember(net, NoMatch: noMatch);
        }

        var rest = text[(comma + 1)..];
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && Protocol(rest[..colon]) is { } protocol && Port(protocol, rest[(colon + 1)..]) is { } port
            ? new SetMember(net, protocol, port, NoMatch: noMatch)
            : new SetMember(net, Interface: rest, NoMatch: noMatch);
    }

    private static ushort? Port(byte protocol, string word) => protocol is IpProtocol.Icmp or IpProtocol.IcmpV6
        ? IcmpWords.TypeAndCode(protocol, word)
        : ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static byte? Number(string text) =>
        byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static byte? Protocol(string word) => word switch
    {
        "tcp" => IpProtocol.Tcp,
        "udp" => IpProtocol.Udp,
        "sctp" => IpProtocol.Sctp,
        "icmp" => IpProtocol.Icmp,
        "icmpv6" or "ipv6-icmp" => IpProtocol.IcmpV6,
        _ when char.IsAsciiDigit(word[0]) => Number(word),
        _ => Number(ProtocolWords.Canonical(word)),
    };
}
