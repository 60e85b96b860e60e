using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Vallum.Dataplane.Packets.Tests.Router;

/// <summary>
/// The router's own counts: what arrived and what got through, before and behind the rules that are judged, so that no buffer of a test can lose a
/// packet that is then missed. A flow of traffic is known by its hops: number n arrives with <c>FirstHops + 2n</c>, and leaves with one less. Traffic ends
/// behind the count, before conntrack confirms it: each of its packets stays the first of a new flow, and no table fills. Other packets only pass by.
/// </summary>
internal sealed partial class KernelCounts(string space)
{
    /// <summary>Flows of traffic that can be told apart.</summary>
    public const int Flows = 64;

    public const byte FirstHops = 100;

    /// <summary>Of packets that are to be delivered.</summary>
    public const byte PlainHops = 64;

    private const string Table = "inet judge";

    public static byte HopsOf(int flow) => (byte)(FirstHops + (2 * flow));

    public Task InstallAsync()
    {
        var flows = Enumerable.Range(0, Flows).ToArray();
        var counters = string.Concat(flows.Select(n => $"counter in{n} {{ }}\ncounter out{n} {{ }}\n"));
        var (arriving, leaving) = (Map("in", FirstHops), Map("out", FirstHops - 1));
        return Tool.FeedAsync(
            space,
            $$"""
            table {{Table}} {
            {{counters}}
            counter forwarded { }
            chain arriving {
              type filter hook prerouting priority -400; policy accept;
              counter name ip ttl map { {{arriving}} }
              counter name ip6 hoplimit map { {{arriving}} }
            }
            chain forwarding {
              type filter hook forward priority -160; policy accept;
              counter name "forwarded"
            }
            chain leaving {
              type filter hook postrouting priority 300; policy accept;
              counter name ip ttl map { {{leaving}} }
              counter name ip6 hoplimit map { {{leaving}} }
              ip ttl >= {{FirstHops - 1}} drop
              ip6 hoplimit >= {{FirstHops - 1}} drop
            }
            }
            """,
            "nft", "-f", "-");

        string Map(string kind, int first) =>
            string.Join(", ", flows.Select(n => string.Create(CultureInfo.InvariantCulture, $"{first + (2 * n)} : \"{kind}{n}\"")));
    }

    /// <summary>Packets since the last call, by counter; the kernel begins again at zero.</summary>
    public async Task<ImmutableDictionary<string, long>> TakeAsync() =>
        Parse(await Tool.InAsync(space, "nft", ["reset", "counters", "table", .. Table.Split(' ')]));

    /// <summary>Packets that came before the judged rules since the last call of <see cref="TakeAsync"/>.</summary>
    public async Task<long> ForwardedAsync() =>
        Parse(await Tool.InAsync(space, "nft", ["list", "counter", .. Table.Split(' '), "forwarded"]))["forwarded"];

    private static ImmutableDictionary<string, long> Parse(string text) => Counter().Matches(text).ToImmutableDictionary(
        m => m.Groups["name"].Value, m => long.Parse(m.Groups["packets"].ValueSpan, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"counter (?<name>\w+) \{\s+packets (?<packets>\d+) ", RegexOptions.ExplicitCapture)]
    private static partial Regex Counter();
}
