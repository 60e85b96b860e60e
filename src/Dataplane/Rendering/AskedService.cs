using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// A service as one family and one profile read it. <paramref name="Protocol"/> null: any. <paramref name="Ports"/>: the fewest ranges, ascending; of
/// ICMP type × 256 + code; empty: all.
/// </summary>
internal sealed record AskedService(byte? Protocol, ImmutableArray<PortRange> Ports)
{
    public static readonly AskedService Any = new(null, []);

    // Multiport takes 15 slots, and a range takes two.
    private const int MultiportSlots = 15;

    private bool IsIcmp => Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6;

    /// <summary>How many rules <see cref="Rules"/> writes.</summary>
    public int RuleCount => Ports.IsEmpty ? 1 : IsIcmp ? Ports.Length : Chunks().Count();

    /// <summary>True when the parts fit each other: ports need a protocol that has them, a type needs ICMP, a code needs a type.</summary>
    public static bool IsKnown(Service service)
    {
        var asksPorts = !service.Ports.IsEmpty || !service.NamedPorts.IsEmpty;
        return service.Known &&
            (!asksPorts || (service.Protocol is { } protocol && IpProtocol.HasPorts(protocol))) &&
            (service.IcmpType is null || service.Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6) &&
            (service.IcmpCode is null || service.IcmpType is not null);
    }

    /// <summary>Null when it matches nothing in this family.</summary>
    public static AskedService? Read(Service service, ImmutableArray<NamedPort> named, IpFamily family)
    {
        if (service.Protocol is not { } protocol)
        {
            return Any;
        }

        if (service.IcmpType is { } type)
        {
            return Icmp(protocol, type, service.IcmpCode, family);
        }

        if (service.Ports.IsEmpty && service.NamedPorts.IsEmpty)
        {
            // To iptables "-p 0" is any protocol; as the protocol of a packet 0 does not occur.
            return protocol == 0 ? null : new AskedService(protocol, []);
        }

        var ports = service.Ports.Length == 1 && service.NamedPorts.IsEmpty ? service.Ports : Union([
            .. service.Ports,
            .. named.Where(n => n.Protocol == protocol && service.NamedPorts.Contains(n.Name)).Select(n => PortRange.Single(n.Port))]);
        return ports.IsEmpty ? null : new AskedService(protocol, ports.Any(p => p.Count == 65536) ? [] : ports);
    }

    /// <summary>Conditions of rules, any of which means that the service is meant.</summary>
    public IEnumerable<RuleText> Rules()
    {
        if (Protocol is not { } protocol)
        {
            return [RuleText.All];
        }

        var rule = RuleText.All with { Protocol = protocol };
        return Ports.IsEmpty ? [rule]
            : IsIcmp ? Ports.Select(p => rule.And(PortMatch(protocol, p)))
            : Chunks().Select(chunk => rule.And(chunk.Length == 1 ? PortMatch(protocol, chunk[0]) : $"-m multiport --dports {string.Join(',', chunk.Select(Word))}"));
    }

    /// <summary>"-m tcp --dport 80:90", "-m icmp --icmp-type 3/4".</summary>
    public static string PortMatch(byte protocol, PortRange ports) => protocol switch
    {
        IpProtocol.Icmp => $"-m icmp --icmp-type {IcmpWord(ports)}",
        IpProtocol.IcmpV6 => $"-m icmp6 --icmpv6-type {IcmpWord(ports)}",
        _ => $"-m {IpProtocol.Name(protocol)} --dport {Word(ports)}",
    };

    private static AskedService? Icmp(byte protocol, byte type, byte? code, IpFamily family)
    {
        // ICMP type 255 is iptables' word for any; the number is reserved and on no wire.
        var own = family == IpFamily.V4 ? IpProtocol.Icmp : IpProtocol.IcmpV6;
        return protocol != own || (family == IpFamily.V4 && type == 255)
            ? null
            : new AskedService(protocol, [new PortRange((type << 8) | (code ?? 0), (type << 8) | (code ?? 255))]);
    }

    private IEnumerable<PortRange[]> Chunks()
    {
        for (var at = 0; at < Ports.Length;)
        {
            var slots = 0;
            var chunk = new List<PortRange>();
            while (at < Ports.Length && slots + Slots(Ports[at]) <= MultiportSlots)
            {
                slots += Slots(Ports[at]);
                chunk.Add(Ports[at++]);
            }

            yield return [.. chunk];
        }
    }

    /// <summary>The same ports in the fewest ranges, ascending.</summary>
    private static ImmutableArray<PortRange> Union(ImmutableArray<PortRange> ports)
    {
        var union = new List<PortRange>();
        foreach (var port in ports.Order())
        {
            if (union.Count > 0 && port.First <= union[^1].Last + 1)
            {
                union[^1] = new PortRange(union[^1].First, Math.Max(union[^1].Last, port.Last));
            }
            else
            {
                union.Add(port);
            }
        }

        return [.. union];
    }

    private static int Slots(PortRange range) => range.First == range.Last ? 1 : 2;

    private static string Word(PortRange range) =>
        range.First == range.Last
            ? range.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{range.First}:{range.Last}");

    private static string IcmpWord(PortRange range) => range.First == range.Last
        ? string.Create(CultureInfo.InvariantCulture, $"{range.First >> 8}/{range.First & 255}")
        : (range.First >> 8).ToString(CultureInfo.InvariantCulture);
}
