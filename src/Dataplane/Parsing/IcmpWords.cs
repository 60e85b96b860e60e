using System.Collections.Frozen;
using System.Globalization;
using Vallum.Primitives;

namespace Vallum.Dataplane.Parsing;

/// <summary>The words that `ipset save` prints for types and codes of ICMP and ICMPv6; every other pair it prints as "3/77" (ipset 7.17).</summary>
internal static class IcmpWords
{
    private const string V4 = """
        echo-reply 0/0, network-unreachable 3/0, host-unreachable 3/1, protocol-unreachable 3/2, port-unreachable 3/3, fragmentation-needed 3/4,
        source-route-failed 3/5, network-unknown 3/6, host-unknown 3/7, network-prohibited 3/9, host-prohibited 3/10, TOS-network-unreachable 3/11,
        TOS-host-unreachable 3/12, communication-prohibited 3/13, host-precedence-violation 3/14, precedence-cutoff 3/15, source-quench 4/0,
        network-redirect 5/0, host-redirect 5/1, TOS-network-redirect 5/2, TOS-host-redirect 5/3, echo-request 8/0, router-advertisement 9/0,
        router-solicitation 10/0, ttl-zero-during-transit 11/0, ttl-zero-during-reassembly 11/1, ip-header-bad 12/0, required-option-missing 12/1,
        timestamp-request 13/0, timestamp-reply 14/0, address-mask-request 17/0, address-mask-reply 18/0
        """;

    private const string V6 = """
        no-route 1/0, communication-prohibited 1/1, address-unreachable 1/3, port-unreachable 1/4, packet-too-big 2/0, ttl-zero-during-transit 3/0,
        ttl-zero-during-reassembly 3/1, bad-header 4/0, unknown-header-type 4/1, unknown-option 4/2, echo-request 128/0, echo-reply 129/0,
        router-solicitation 133/0, router-advertisement 134/0, neighbour-solicitation 135/0, neighbour-advertisement 136/0, redirect 137/0
        """;

    private static readonly FrozenDictionary<string, ushort> V4Words = Read(V4);
    private static readonly FrozenDictionary<string, ushort> V6Words = Read(V6);

    /// <summary>Type × 256 + code; null for what no tool prints.</summary>
    public static ushort? TypeAndCode(byte protocol, string word) =>
        (protocol == IpProtocol.Icmp ? V4Words : V6Words).TryGetValue(word, out var known) ? known : Numbers(word);

    private static ushort? Numbers(string word)
    {
        var slash = word.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 &&
            byte.TryParse(word.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var type) &&
            byte.TryParse(word.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var code)
            ? (ushort)((type << 8) | code)
            : null;
    }

    private static FrozenDictionary<string, ushort> Read(string table) => table
        .Split(',', StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' '))
        .ToFrozenDictionary(pair => pair[0], pair => Numbers(pair[1])!.Value, StringComparer.Ordinal);
}
