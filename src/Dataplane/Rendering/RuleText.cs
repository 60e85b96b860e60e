using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// One iptables rule, in the order in which iptables-save prints its parts. <see cref="Matches"/> are the "-m …" parts in order of evaluation: ports
/// stand before sets, because a port that differs costs a third of a lookup that misses.
/// </summary>
internal sealed record RuleText
{
    public static readonly RuleText All = new();

    public Cidr? Source { get; init; }

    public Cidr? Destination { get; init; }

    /// <summary>The one address that the source is not.</summary>
    public Address? ExceptSource { get; init; }

    /// <summary>The one address that the destination is not.</summary>
    public Address? ExceptDestination { get; init; }

    public string? In { get; init; }

    public string? Out { get; init; }

    public byte? Protocol { get; init; }

    public ImmutableArray<string> Matches { get; init; } = [];

    public RuleText And(string match) => this with { Matches = Matches.Add(match) };

    public RuleText AndSet(string set, string flags) => And($"-m set --match-set {set} {flags}");

    public RuleText AndNotSet(string set, string flags) => And($"-m set ! --match-set {set} {flags}");

    public string Jump(string target) => Write($"-j {target}");

    public string Goto(string chain) => Write($"-g {chain}");

    public string Return() => Write("-j RETURN");

    /// <summary>Without a target: counts, and the packet goes on.</summary>
    public string Count() => Write("");

    private string Write(string end)
    {
        var text = new StringBuilder();
        Add(text, "-s", Source is { Length: > 0 } source ? source.ToString() : null);
        Add(text, "! -s", ExceptSource is { } exceptSource ? Cidr.Host(exceptSource).ToString() : null);
        Add(text, "-d", Destination is { Length: > 0 } destination ? destination.ToString() : null);
        Add(text, "! -d", ExceptDestination is { } exceptDestination ? Cidr.Host(exceptDestination).ToString() : null);
        Add(text, "-i", In);
        Add(text, "-o", Out);
        Add(text, "-p", Protocol is { } protocol ? ProtocolWord(protocol) : null);
        foreach (var match in Matches)
        {
            Add(text, match, "");
        }

        if (end.Length > 0)
        {
            Add(text, end, "");
        }

        return text.ToString();
    }

    /// <summary>The words that are the same on every machine; for the rest, iptables-save prints what /etc/protocols says.</summary>
    public static string ProtocolWord(byte protocol) => protocol switch
    {
        IpProtocol.IcmpV6 => "ipv6-icmp",
        IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp or IpProtocol.Icmp => IpProtocol.Name(protocol),
        _ => protocol.ToString(CultureInfo.InvariantCulture),
    };

    private static void Add(StringBuilder text, string word, string? value)
    {
        if (value is null)
        {
            return;
        }

        if (text.Length > 0)
        {
            text.Append(' ');
        }

        text.Append(word);
        if (value.Length > 0)
        {
            text.Append(' ').Append(value);
        }
    }
}
