using System.Globalization;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>Takes a packet through chains of iptables text as the kernel would (iptables(8), iptables-extensions(8)).</summary>
internal sealed class PacketWalk(Packet packet, Func<string, IReadOnlyList<string>> rules, Func<string, MemberSet> members)
{
    /// <summary>True: accepted, false: dropped, null: the chain's end, or RETURN.</summary>
    public bool? Verdict(string chain)
    {
        foreach (var words in rules(chain).Select(r => new Queue<string>(r.Split(' ', StringSplitOptions.RemoveEmptyEntries))))
        {
            if (!Matches(words))
            {
                continue;
            }

            switch (words.Count == 0 ? "" : words.Dequeue() + " " + words.Peek())
            {
                case "" or "-j NFLOG":
                    break;
                case "-j ACCEPT":
                    return true;
                case "-j DROP":
                    return false;
                case "-j RETURN":
                    return null;
                case { } jump when jump.StartsWith("-g ", StringComparison.Ordinal):
                    return Verdict(words.Peek());
                default:
                    if (Verdict(words.Peek()) is { } verdict)
                    {
                        return verdict;
                    }

                    break;
            }
        }

        return null;
    }

    /// <summary>Takes the conditions off the rule; all are read, so that an unknown one is never passed over.</summary>
    private bool Matches(Queue<string> words)
    {
        var matches = true;
        while (words.Count > 0 && words.Peek() is not ("-j" or "-g"))
        {
            matches &= Condition(words.Dequeue(), words);
        }

        return matches;
    }

    private bool Condition(string option, Queue<string> words) => option switch
    {
        "-s" => Cidr.Parse(words.Dequeue()).Contains(packet.Source),
        "-d" => Cidr.Parse(words.Dequeue()).Contains(packet.Destination),
        "-i" => Names(words.Dequeue(), packet.In),
        "-o" => Names(words.Dequeue(), packet.Out),
        "-p" => words.Dequeue() is var word && packet.Protocol == Protocol(word),
        "-m" => Module(words.Dequeue(), words),
        _ => throw new InvalidOperationException($"unknown option {option}"),
    };

    private bool Module(string module, Queue<string> words)
    {
        switch (module)
        {
            case "comment":
                words.Dequeue();
                words.Dequeue();
                return true;
            case "conntrack":
                words.Dequeue();
                return words.Dequeue() == "NEW";
            case "limit":
                for (var word = 0; word < 4; word++)
                {
                    words.Dequeue();
                }

                return true;
            case "hl":
                words.Dequeue();
                return packet.HopLimit == int.Parse(words.Dequeue(), CultureInfo.InvariantCulture);
            case "physdev":
                return Ports(words);
            case "set":
                var negated = words.Dequeue() == "!";
                if (negated)
                {
                    words.Dequeue();
                }

                return IsMember(words.Dequeue(), words.Dequeue()) != negated;
            case "tcp" or "udp" or "sctp" or "multiport":
                var matches = true;
                while (words.TryPeek(out var word) && (word is "--sport" or "--dport" or "--dports"))
                {
                    var port = words.Dequeue() == "--sport" ? packet.SourcePort : packet.Port;
                    matches &= words.Dequeue().Split(',').Any(range => InRange(range, port));
                }

                return matches;
            case "icmp" or "icmp6":
                words.Dequeue();
                var type = words.Dequeue().Split('/').Select(w => int.Parse(w, CultureInfo.InvariantCulture)).ToArray();
                return packet.Port >> 8 == type[0] && (type.Length == 1 || (packet.Port & 255) == type[1]);
            default:
                throw new InvalidOperationException($"unknown match {module}");
        }
    }

    /// <summary>The narrowest block that holds the address decides.</summary>
    private bool IsMember(string set, string flags)
    {
        var side = flags.Split(',')[0];
        var address = side == "src" ? packet.Source : packet.Destination;
        var link = side == "src" ? packet.In : packet.Out;
        var best = members(set).Where(m => m.Net.Contains(address))
            .Where(m => m.Protocol is null || (m.Protocol == packet.Protocol && m.Port == packet.Port))
            .Where(m => m.Interface is null || m.Interface == link)
            .OrderByDescending(m => m.Net.Length).Select(m => (SetMember?)m).FirstOrDefault();
        return best is { NoMatch: false };
    }

    private bool Ports(Queue<string> words)
    {
        var matches = true;
        while (words.TryPeek(out var word) && word.StartsWith("--physdev-", StringComparison.Ordinal))
        {
            words.Dequeue();
            matches &= word == "--physdev-is-bridged"
                ? packet is { PortIn: not null, PortOut: not null }
                : words.Dequeue() is var pattern && (word == "--physdev-in" ? packet.PortIn : packet.PortOut) is { } port && Names(pattern, port);
        }

        return matches;
    }

    private static bool InRange(string word, int port)
    {
        var ends = word.Split(':').Select(w => int.Parse(w, CultureInfo.InvariantCulture)).ToArray();
        return port >= ends[0] && port <= ends[^1];
    }

    private static bool Names(string pattern, string name) =>
        pattern.EndsWith('+') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == name;

    private static byte Protocol(string word) => word switch
    {
        "tcp" => IpProtocol.Tcp,
        "udp" => IpProtocol.Udp,
        "sctp" => IpProtocol.Sctp,
        "icmp" => IpProtocol.Icmp,
        "ipv6-icmp" => IpProtocol.IcmpV6,
        _ => byte.Parse(word, CultureInfo.InvariantCulture),
    };
}
