using System.Collections.Immutable;
using System.Globalization;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// What policies say of the node itself, behind the known flows: what it receives (INPUT) and what it sends (OUTPUT). Loopback, the upkeep of the link,
/// the failsafe and the node's own endpoints come before them. What they allow goes on to the rules of others: they close the node, and never open what
/// its operator has closed.
/// </summary>
internal sealed class HostChains(
    IpFamily family, RenderOptions options, HostTargets targets, Gate gate, ImmutableArray<LocalAddress> locals)
{
    // Router advertisements and redirects, beside those that every node takes: RFC 4861, from the link only.
    private static readonly ImmutableArray<int> RouterWords = [134, 137];

    // Multicast listeners' queries and reports, RFC 2710 and 3810: without them a switch that snoops keeps neighbour solicitations back.
    private static readonly ImmutableArray<int> Listeners = [130, 131, 132, 143];

    /// <summary>The end of the chain behind INPUT; empty where no policy has anything to say.</summary>
    public IEnumerable<string> Received() => targets.Received is not { } chain
        ? []
        :
        [
            (RuleText.All with { In = "lo" }).Return(),
            .. Upkeep(fromServer: true),
            .. options.Failsafe.Inbound.SelectMany(p => Port(p, Direction.Ingress)),
            .. gate.Known(RuleText.All, "src").Select(known => known.Return()),
            .. Invalid(),
            RuleText.All.Goto(chain),
        ];

    /// <summary>Likewise behind OUTPUT.</summary>
    public IEnumerable<string> Sent() => targets.Sent is not { } chain
        ? []
        :
        [
            (RuleText.All with { Out = "lo" }).Return(),
            .. Upkeep(fromServer: false),
            .. options.Failsafe.Outbound.SelectMany(p => Port(p, Direction.Egress)),
            .. locals.IsEmpty ? [] : new[] { RuleText.All.AndSet(gate.Local(), "dst").Return() },
            .. Invalid(),
            RuleText.All.Goto(chain),
        ];

    /// <summary>Without these a node loses its addresses or its neighbours. DHCP: RFC 2131 (ports 67 and 68), RFC 8415 (547 and 546).</summary>
    private IEnumerable<string> Upkeep(bool fromServer)
    {
        var (server, client) = family == IpFamily.V4 ? (67, 68) : (547, 546);
        yield return (RuleText.All with { Protocol = IpProtocol.Udp })
            .And(string.Create(CultureInfo.InvariantCulture, $"-m udp --sport {(fromServer ? server : client)} --dport {(fromServer ? client : server)}"))
            .Return();
        if (family == IpFamily.V6)
        {
            foreach (var type in RouterWords)
            {
                yield return Icmp(type, hopLimit: 255);
            }

            foreach (var type in Listeners)
            {
                yield return Icmp(type, hopLimit: 1);
            }
        }
    }

    private static string Icmp(int type, int hopLimit) => (RuleText.All with { Protocol = IpProtocol.IcmpV6 })
        .And(string.Create(CultureInfo.InvariantCulture, $"-m icmp6 --icmpv6-type {type}"))
        .And(string.Create(CultureInfo.InvariantCulture, $"-m hl --hl-eq {hopLimit}"))
        .Return();

    private IEnumerable<string> Port(FailsafePort port, Direction direction)
    {
        if (port.Other is { } other && other.Family != family)
        {
            yield break;
        }

        Cidr? peer = port.Other is { } address ? Cidr.Host(address) : null;
        var rule = direction == Direction.Ingress ? RuleText.All with { Source = peer } : RuleText.All with { Destination = peer };
        yield return (rule with { Protocol = port.Protocol })
            .And(string.Create(CultureInfo.InvariantCulture, $"-m {IpProtocol.Name(port.Protocol)} --dport {port.Port}"))
            .Return();
    }

    private IEnumerable<string> Invalid() => options.DropInvalid ? [RuleText.All.And("-m conntrack --ctstate INVALID").Jump("DROP")] : [];
}

/// <summary>The chains that judge what the node itself receives and sends; null: no policy does.</summary>
internal readonly record struct HostTargets(string? Received, string? Sent);
