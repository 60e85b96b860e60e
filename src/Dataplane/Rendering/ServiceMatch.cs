using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>A service as conditions of rules: one rule per element; none when it matches nothing in this family.</summary>
internal static class ServiceMatch
{
    // Multiport takes 15 slots, and a range takes two.
    private const int MultiportSlots = 15;

    /// <summary>True when the parts fit each other: ports need a protocol that has them, a type needs ICMP, a code needs a type.</summary>
    public static bool IsKnown(Service service)
    {
        var asksPorts = !service.Ports.IsEmpty || !service.NamedPorts.IsEmpty;
        return service.Known &&
            (!asksPorts || (service.Protocol is { } protocol && IpProtocol.HasPorts(protocol))) &&
            (service.IcmpType is null || service.Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6) &&
            (service.IcmpCode is null || service.IcmpType is not null);
    }

    public static ImmutableArray<RuleText> Of(Service service, ImmutableArray<NamedPort> named, IpFamily family)
    {
        if (service.Protocol is not { } protocol)
        {
            return [RuleText.All];
        }

        var rule = RuleText.All with { Protocol = protocol };
        if (service.IcmpType is { } type)
        {
            return Icmp(rule, protocol, type, service.IcmpCode, family);
        }

        if (service.Ports.IsEmpty && service.NamedPorts.IsEmpty)
        {
            // To iptables "-p 0" is any protocol; as the protocol of a packet 0 does not occur.
            return protocol == 0 ? [] : [rule];
        }

        var ports = service.Ports.AddRange(
            named.Where(n => n.Protocol == protocol && service.NamedPorts.Contains(n.Name)).Select(n => PortRange.Single(n.Port)));
        return Ports(rule, protocol, Union(ports));
    }

    private static ImmutableArray<RuleText> Icmp(RuleText rule, byte protocol, byte type, byte? code, IpFamily family)
    {
        var (own, module, option) = family == IpFamily.V4 ? (IpProtocol.Icmp, "icmp", "--icmp-type") : (IpProtocol.IcmpV6, "icmp6", "--icmpv6-type");
        var number = code is { } c ? string.Create(CultureInfo.InvariantCulture, $"{type}/{c}") : type.ToString(CultureInfo.InvariantCulture);

        // ICMP type 255 is iptables' word for any; the number is reserved and on no wire.
        return protocol == own && !(family == IpFamily.V4 && type == 255) ? [rule.And($"-m {module} {option} {number}")] : [];
    }

    private static ImmutableArray<RuleText> Ports(RuleText rule, byte protocol, ImmutableArray<PortRange> ports)
    {
        if (ports.Any(p => p.Count == 65536))
        {
            return [rule];
        }

        var rules = ImmutableArray.CreateBuilder<RuleText>();
        for (var at = 0; at < ports.Length;)
        {
            var slots = 0;
            var words = new List<string>();
            while (at < ports.Length && slots + Slots(ports[at]) <= MultiportSlots)
            {
                slots += Slots(ports[at]);
                words.Add(Word(ports[at++]));
            }

            rules.Add(rule.And(words.Count == 1
                ? $"-m {IpProtocol.Name(protocol)} --dport {words[0]}"
                : $"-m multiport --dports {string.Join(',', words)}"));
        }

        return rules.ToImmutable();
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
}
