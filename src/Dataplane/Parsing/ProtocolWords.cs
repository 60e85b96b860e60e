using System.Collections.Frozen;
using System.Globalization;

namespace Vallum.Dataplane.Parsing;

/// <summary>
/// The words that iptables-save prints for protocol numbers where /etc/protocols has them (IANA protocol-numbers, as Debian's netbase lists them).
/// Those that a rule of ours spells are left out: they are the same everywhere.
/// </summary>
internal static class ProtocolWords
{
    private const string Table = """
        ip 0, igmp 2, ggp 3, ipencap 4, st 5, egp 8, igp 9, pup 12, hmp 20, xns-idp 22, rdp 27, iso-tp4 29, dccp 33, xtp 36, ddp 37,
        idpr-cmtp 38, ipv6 41, ipv6-route 43, ipv6-frag 44, idrp 45, rsvp 46, gre 47, esp 50, ah 51, skip 57, ipv6-nonxt 59,
        ipv6-opts 60, rspf 73, vmtp 81, eigrp 88, ospf 89, ax.25 93, ipip 94, etherip 97, encap 98, pim 103, ipcomp 108, vrrp 112,
        l2tp 115, isis 124, fc 133, mobility-header 135, udplite 136, mpls-in-ip 137, manet 138, hip 139, shim6 140, wesp 141,
        rohc 142, ethernet 143
        """;

    private static readonly FrozenDictionary<string, byte> Numbers = Table
        .Split(',', StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' '))
        .ToFrozenDictionary(pair => pair[0], pair => byte.Parse(pair[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);

    /// <summary>The number as text, or the word as it is.</summary>
    public static string Canonical(string word) => word switch
    {
        "icmpv6" or "58" => "ipv6-icmp",
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "132" => "sctp",
        _ => Numbers.TryGetValue(word, out var number) ? number.ToString(CultureInfo.InvariantCulture) : word,
    };
}
