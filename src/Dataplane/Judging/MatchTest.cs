using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Judging;

/// <summary>One match of a rule, with the names in it looked up once. What this agent cannot read never matches.</summary>
internal sealed class MatchTest
{
    private readonly Direction _direction;
    private readonly bool _never;
    private readonly bool _anyPeer;
    private readonly bool _localNode;
    private readonly bool _anyService;
    private readonly ImmutableArray<Peer.Block> _blocks;
    private readonly ImmutableArray<PrefixSet> _v4Groups;
    private readonly ImmutableArray<PrefixSet> _v6Groups;
    private readonly ImmutableArray<Service> _services;
    private readonly ImmutableArray<NamedPort> _named;
    private readonly ImmutableArray<Address> _nodeAddresses;
    private readonly PrefixSet? _v4Ports;
    private readonly PrefixSet? _v6Ports;

    public MatchTest(Match match, Direction direction, ImmutableArray<NamedPort> named, NodeState state, HeldGroups groups)
    {
        _direction = direction;
        _named = named;
        _nodeAddresses = state.NodeAddresses;
        _anyPeer = match.Peers.IsEmpty || match.Peers.Any(p => p is Peer.Any);
        _localNode = match.Peers.Any(p => p is Peer.LocalNode);
        _blocks = [.. match.Peers.OfType<Peer.Block>()];
        string[] asked = [.. match.Peers.OfType<Peer.Group>().Select(g => g.Name).Where(groups.Has).Distinct()];
        _v4Groups = [.. asked.Select(g => groups.Find(g, IpFamily.V4, ports: false))];
        _v6Groups = [.. asked.Select(g => groups.Find(g, IpFamily.V6, ports: false))];
        _services = [.. match.Services.Where(IsKnown)];
        _anyService = match.Services.IsEmpty || _services.Any(s => s.Protocol is null);
        if (match.DestinationPorts is { } name)
        {
            _never = !groups.Has(name);
            _v4Ports = groups.Find(name, IpFamily.V4, ports: true);
            _v6Ports = groups.Find(name, IpFamily.V6, ports: true);
        }
    }

    /// <summary>False for a match that says something which this agent cannot read, or that names a group which is not held.</summary>
    public static bool IsKnown(Match match, HeldGroups groups) =>
        match.Peers.All(p => p is not Peer.Unknown && (p is not Peer.Group group || groups.Has(group.Name))) &&
        match.Services.All(IsKnown) && (match.DestinationPorts is not { } ports || groups.Has(ports));

    public bool Matches(in Flow flow)
    {
        if (_never || !MatchesService(flow))
        {
            return false;
        }

        var ports = flow.Destination.Family == IpFamily.V4 ? _v4Ports : _v6Ports;
        return MatchesPeer(_direction == Direction.Ingress ? flow.Source : flow.Destination) &&
            (ports is null || ports.Holds(flow.Destination, flow.Protocol, flow.Port));
    }

    /// <summary>True when the parts fit each other: ports need a protocol that has them, a type needs ICMP, a code needs a type.</summary>
    private static bool IsKnown(Service service) =>
        service.Known &&
        ((service.Ports.IsEmpty && service.NamedPorts.IsEmpty) || (service.Protocol is { } protocol && IpProtocol.HasPorts(protocol))) &&
        (service.IcmpType is null || service.Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6) &&
        (service.IcmpCode is null || service.IcmpType is not null);

    private bool MatchesPeer(Address other)
    {
        if (_anyPeer || (_localNode && _nodeAddresses.Contains(other)))
        {
            return true;
        }

        foreach (var block in _blocks)
        {
            if (block.Cidr.Contains(other) && !IsExcepted(block, other))
            {
                return true;
            }
        }

        foreach (var group in other.Family == IpFamily.V4 ? _v4Groups : _v6Groups)
        {
            if (group.Holds(other))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsExcepted(Peer.Block block, Address other)
    {
        foreach (var except in block.Except)
        {
            if (except.Contains(other))
            {
                return true;
            }
        }

        return false;
    }

    private bool MatchesService(in Flow flow)
    {
        if (_anyService)
        {
            return true;
        }

        foreach (var service in _services)
        {
            if (service.Protocol == flow.Protocol && IsAsked(service, flow))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAsked(Service service, in Flow flow)
    {
        if (service.IcmpType is { } type)
        {
            return IsOwnIcmp(flow, type) && flow.Port >> 8 == type && (service.IcmpCode is not { } code || (flow.Port & 255) == code);
        }

        if (service.Ports.IsEmpty && service.NamedPorts.IsEmpty)
        {
            return flow.Protocol != 0;
        }

        foreach (var range in service.Ports)
        {
            if (range.Contains(flow.Port))
            {
                return true;
            }
        }

        foreach (var name in _named)
        {
            if (name.Port == flow.Port && name.Protocol == flow.Protocol && service.NamedPorts.Contains(name.Name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A type is asked of the family's own ICMP; 255, which IPv4 reserves, is iptables' word for any and is not rendered.</summary>
    private static bool IsOwnIcmp(in Flow flow, byte type) => flow.Source.Family == IpFamily.V4
        ? flow.Protocol == IpProtocol.Icmp && type != 255
        : flow.Protocol == IpProtocol.IcmpV6;
}
