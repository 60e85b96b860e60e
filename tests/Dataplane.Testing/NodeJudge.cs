using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>The verdict on a flow, read off a node's state as the policy model words it, with no chain and no set in between.</summary>
public sealed class NodeJudge(NodeState state)
{
    public bool Allows(Packet packet)
    {
        var sources = Claims(packet.Source);
        var destinations = Claims(packet.Destination);
        if (sources.Length == 1 && sources.SequenceEqual(destinations))
        {
            return true;
        }

        return (sources.IsEmpty || IsNode(packet.Destination) || Same(packet) || Side(sources, packet, Direction.Egress)) &&
            (destinations.IsEmpty || IsNode(packet.Source) || Same(packet) || Side(destinations, packet, Direction.Ingress));
    }

    /// <summary>Whether the node itself takes the packet (INPUT), if its own rules are all that is asked: not whose the source address is.</summary>
    public bool Receives(Packet packet, Failsafe failsafe) =>
        packet.In == "lo" || IsUpkeep(packet, toClient: true) || !Claims(packet.Source).IsEmpty ||
        failsafe.Inbound.Any(p => Is(p, packet, packet.Source)) || OfNode(packet, Direction.Ingress);

    /// <summary>Whether the node itself may send the packet (OUTPUT).</summary>
    public bool Sends(Packet packet, Failsafe failsafe) =>
        packet.Out == "lo" || IsUpkeep(packet, toClient: false) || !Claims(packet.Destination).IsEmpty ||
        failsafe.Outbound.Any(p => Is(p, packet, packet.Destination)) || OfNode(packet, Direction.Egress);

    private bool OfNode(Packet packet, Direction direction) =>
        state.NodeProfile is not { } name || (state.Profiles.TryGetValue(name, out var profile) && Evaluate(profile, packet, direction));

    /// <summary>DHCP, and what IPv6 does between neighbours only.</summary>
    private static bool IsUpkeep(Packet packet, bool toClient)
    {
        var (server, client) = packet.Source.Family == IpFamily.V4 ? (67, 68) : (547, 546);
        var type = packet.Port >> 8;
        return (packet.Protocol == IpProtocol.Udp && (packet.SourcePort, packet.Port) == (toClient ? (server, client) : (client, server))) ||
            (packet.Source.Family == IpFamily.V6 && packet.Protocol == IpProtocol.IcmpV6 &&
                ((packet.HopLimit == 255 && type is >= 133 and <= 137) || (packet.HopLimit == 1 && type is 130 or 131 or 132 or 143)));
    }

    private static bool Is(FailsafePort port, Packet packet, Address other) =>
        port.Protocol == packet.Protocol && port.Port == packet.Port && (port.Other is not { } only || only == other);

    private static bool Same(Packet packet) => packet.Source == packet.Destination;

    private ImmutableArray<Binding> Claims(Address address) => [.. state.Bindings.Where(b => b.Addresses.Contains(address))];

    private bool IsNode(Address address) => state.NodeAddresses.Contains(address);

    /// <summary>Endpoints of different identities that claim one address close it.</summary>
    private bool Side(ImmutableArray<Binding> claims, Packet packet, Direction direction) =>
        claims.Select(c => c.Profile).Distinct().Count() == 1 &&
        state.Profiles.TryGetValue(claims[0].Profile, out var profile) && Evaluate(profile, packet, direction);

    private bool Evaluate(Profile profile, Packet packet, Direction direction)
    {
        var policies = profile.Policies.Where(p => !p.Staged && (p.Direction == direction || p.Direction == Direction.Unknown)).ToImmutableArray();
        if (policies.Any(p => p.Direction == Direction.Unknown || p.Tier == Tier.Unknown || !state.Rules.ContainsKey(p.Rules)))
        {
            return false;
        }

        bool? Ordered(Tier tier) => First(
            policies.Where(p => p.Tier == tier).OrderBy(p => p.Priority).ThenBy(p => p.Policy, StringComparer.Ordinal).SelectMany(p => Rules(p, direction)),
            profile, packet, direction);
        var tenant = policies.Where(p => p.Tier == Tier.Tenant).ToImmutableArray();
        return Ordered(Tier.Admin) ?? (tenant.IsEmpty
            ? Ordered(Tier.Baseline) ?? (direction == Direction.Ingress ? profile.AllowsIngressByDefault : profile.AllowsEgressByDefault)
            : tenant.SelectMany(p => Rules(p, direction)).Any(r => r.Action == RuleAction.Allow && Matches(r, profile, packet, direction)));
    }

    private bool? First(IEnumerable<Rule> rules, Profile profile, Packet packet, Direction direction)
    {
        foreach (var rule in rules)
        {
            if (rule.Action == RuleAction.Unknown || (rule.Action != RuleAction.Allow && rule.Matches.Any(m => !IsKnown(m))))
            {
                return false;
            }

            if (Matches(rule, profile, packet, direction))
            {
                return rule.Action switch { RuleAction.Allow => true, RuleAction.Deny => false, _ => null };
            }
        }

        return null;
    }

    private ImmutableArray<Rule> Rules(PolicyInForce policy, Direction direction) =>
        direction == Direction.Ingress ? state.Rules[policy.Rules].Ingress : state.Rules[policy.Rules].Egress;

    private bool IsKnown(Match match) =>
        match.Peers.All(p => p is not Peer.Unknown && (p is not Peer.Group g || state.Groups.ContainsKey(g.Name))) && match.Services.All(s => s.Known) &&
        (match.DestinationPorts is not { } ports || state.Groups.ContainsKey(ports));

    private bool Matches(Rule rule, Profile profile, Packet packet, Direction direction) => rule.Matches.Any(match =>
        (match.Peers.IsEmpty || match.Peers.Any(p => Is(p, direction == Direction.Ingress ? packet.Source : packet.Destination))) &&
        (match.Services.IsEmpty || match.Services.Any(s => Is(s, profile, packet))) &&
        (match.DestinationPorts is not { } ports || Group(ports).Any(m =>
            m.Protocol == packet.Protocol && m.Port == packet.Port && m.Net.Contains(packet.Destination))));

    private IEnumerable<SetMember> Group(string name) =>
        state.Groups.TryGetValue(name, out var group) ? group.V4.Concat(group.V6).Concat(group.V4Ports).Concat(group.V6Ports) : [];

    private bool Is(Peer peer, Address other) => peer switch
    {
        Peer.Any => true,
        Peer.Block block => block.Cidr.Contains(other) && !block.Except.Any(e => e.Contains(other)),
        Peer.Group group => Group(group.Name).Any(m => m.Protocol is null && m.Net.Contains(other)),
        Peer.LocalNode => IsNode(other),
        _ => false,
    };

    private static bool Is(Service service, Profile profile, Packet packet)
    {
        if (!service.Known || (service.Protocol is { } protocol && protocol != packet.Protocol))
        {
            return false;
        }

        if (service.IcmpType is { } type)
        {
            // A type is asked of the family's own ICMP; 255 of the older one is reserved, and iptables' word for any.
            var own = packet.Source.Family == IpFamily.V4 ? packet.Protocol == IpProtocol.Icmp && type != 255 : packet.Protocol == IpProtocol.IcmpV6;
            return own && packet.Port >> 8 == type && (service.IcmpCode is not { } code || (packet.Port & 255) == code);
        }

        return (service.Ports.IsEmpty && service.NamedPorts.IsEmpty) || service.Ports.Any(p => p.Contains(packet.Port)) ||
            profile.NamedPorts.Any(n => service.NamedPorts.Contains(n.Name) && n.Protocol == packet.Protocol && n.Port == packet.Port);
    }
}
