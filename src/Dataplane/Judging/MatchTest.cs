using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
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
    private readonly ImmutableArray<Group> _groups;
    private readonly ImmutableArray<Service> _services;
    private readonly ImmutableArray<NamedPort> _named;
    private readonly ImmutableArray<Address> _nodeAddresses;
    private readonly Group? _ports;

    public MatchTest(Match match, Direction direction, ImmutableArray<NamedPort> named, NodeState state)
    {
        _direction = direction;
        _named = named;
        _nodeAddresses = state.NodeAddresses;
        _anyPeer = match.Peers.IsEmpty || match.Peers.Any(p => p is Peer.Any);
        _localNode = match.Peers.Any(p => p is Peer.LocalNode);
        _blocks = [.. match.Peers.OfType<Peer.Block>()];
        _groups = [.. match.Peers.OfType<Peer.Group>().Where(g => state.Groups.ContainsKey(g.Name)).Select(g => state.Groups[g.Name]).Distinct()];
        _services = [.. match.Services.Where(ServiceMatch.IsKnown)];
        _anyService = match.Services.IsEmpty || _services.Any(s => s.Protocol is null);
        _ports = match.DestinationPorts is { } name ? state.Groups.GetValueOrDefault(name) : null;
        _never = match.DestinationPorts is not null && _ports is null;
    }

    /// <summary>False for a match that says something which this agent cannot read, or that names a group which is not held.</summary>
    public static bool IsKnown(Match match, NodeState state) =>
        match.Peers.All(p => p is not Peer.Unknown && (p is not Peer.Group group || state.Groups.ContainsKey(group.Name))) &&
        match.Services.All(ServiceMatch.IsKnown) && (match.DestinationPorts is not { } ports || state.Groups.ContainsKey(ports));

    public bool Matches(in Flow flow)
    {
        if (_never || !MatchesService(flow))
        {
            return false;
        }

        return MatchesPeer(_direction == Direction.Ingress ? flow.Source : flow.Destination) &&
            (_ports is null || _ports.Ports(flow.Destination.Family).Holds(flow.Destination, flow.Protocol, flow.Port));
    }

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

        foreach (var group in _groups)
        {
            if (group.Blocks(other.Family).Holds(other))
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
