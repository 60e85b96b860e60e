using System.Globalization;
using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>One rule's text, read once: what it asks of a packet, and where it sends it.</summary>
internal sealed class WalkedRule
{
    private readonly List<Func<Packet, Func<string, FakeSet>, bool>> _conditions = [];

    public WalkedRule(string rule)
    {
        var words = new Queue<string>(rule.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        // All are read, so that an unknown one is never passed over.
        while (words.Count > 0 && words.Peek() is not ("-j" or "-g"))
        {
            _conditions.Add(Condition(words.Dequeue(), words));
        }

        IsGoto = words.Count > 0 && words.Dequeue() == "-g";
        Target = words.Count > 0 ? words.Peek() : "";
    }

    public bool IsGoto { get; }

    /// <summary>Empty: the packet goes on.</summary>
    public string Target { get; }

    public bool Matches(Packet packet, Func<string, FakeSet> sets)
    {
        foreach (var condition in _conditions)
        {
            if (!condition(packet, sets))
            {
                return false;
            }
        }

        return true;
    }

    private static Func<Packet, Func<string, FakeSet>, bool> Condition(string option, Queue<string> words)
    {
        switch (option)
        {
            case "-s":
                var source = Cidr.Parse(words.Dequeue());
                return (p, _) => source.Contains(p.Source);
            case "-d":
                var destination = Cidr.Parse(words.Dequeue());
                return (p, _) => destination.Contains(p.Destination);
            case "!":
                var (other, except) = (words.Dequeue(), Cidr.Parse(words.Dequeue()));
                return other is "-s" or "-d"
                    ? (p, _) => !except.Contains(other == "-s" ? p.Source : p.Destination)
                    : throw new InvalidOperationException($"unknown option ! {other}");
            case "-i":
                var into = words.Dequeue();
                return (p, _) => Names(into, p.In);
            case "-o":
                var outOf = words.Dequeue();
                return (p, _) => Names(outOf, p.Out);
            case "-p":
                var protocol = Protocol(words.Dequeue());
                return (p, _) => p.Protocol == protocol;
            case "-m":
                return Module(words.Dequeue(), words);
            default:
                throw new InvalidOperationException($"unknown option {option}");
        }
    }

    private static Func<Packet, Func<string, FakeSet>, bool> Module(string module, Queue<string> words)
    {
        switch (module)
        {
            case "comment":
                words.Dequeue();
                words.Dequeue();
                return (_, _) => true;
            case "conntrack":
                words.Dequeue();
                var isNew = words.Dequeue() == "NEW";
                return (_, _) => isNew;
            case "limit":
                for (var word = 0; word < 4; word++)
                {
                    words.Dequeue();
                }

                return (_, _) => true;
            case "hl":
                words.Dequeue();
                var hops = Number(words.Dequeue());
                return (p, _) => p.HopLimit == hops;
            case "physdev":
                return Ports(words);
            case "set":
                var negated = words.Dequeue() == "!";
                if (negated)
                {
                    words.Dequeue();
                }

                var (set, ofSource) = (words.Dequeue(), words.Dequeue().StartsWith("src", StringComparison.Ordinal));
                return (p, sets) => sets(set).Holds(ofSource ? p.Source : p.Destination, p.Protocol, p.Port, ofSource ? p.In : p.Out) != negated;
            case "tcp" or "udp" or "sctp" or "multiport":
                var asked = new List<(bool OfSource, int[][] Ranges)>();
                while (words.TryPeek(out var option) && option is ("--sport" or "--dport" or "--dports"))
                {
                    asked.Add((words.Dequeue() == "--sport", [.. words.Dequeue().Split(',').Select(w => w.Split(':').Select(Number).ToArray())]));
                }

                return (p, _) => asked.TrueForAll(a => Array.Exists(a.Ranges, r => (a.OfSource ? p.SourcePort : p.Port) is var port && port >= r[0] && port <= r[^1]));
            case "icmp" or "icmp6":
                words.Dequeue();
                var type = words.Dequeue().Split('/').Select(Number).ToArray();
                return (p, _) => p.Port >> 8 == type[0] && (type.Length == 1 || (p.Port & 255) == type[1]);
            default:
                throw new InvalidOperationException($"unknown match {module}");
        }
    }

    private static Func<Packet, Func<string, FakeSet>, bool> Ports(Queue<string> words)
    {
        var asked = new List<Predicate<Packet>>();
        while (words.TryPeek(out var option) && option.StartsWith("--physdev-", StringComparison.Ordinal))
        {
            words.Dequeue();
            if (option == "--physdev-is-bridged")
            {
                asked.Add(p => p is { PortIn: not null, PortOut: not null });
                continue;
            }

            var pattern = words.Dequeue();
            asked.Add(p => (option == "--physdev-in" ? p.PortIn : p.PortOut) is { } port && Names(pattern, port));
        }

        return (p, _) => asked.TrueForAll(a => a(p));
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);

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
