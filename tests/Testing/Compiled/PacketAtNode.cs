using System.Collections.Immutable;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Testing.Compiled;

/// <summary>A first packet before the rules of one direction on one node.</summary>
/// <param name="Other">The address of the other side.</param>
/// <param name="OwnAddresses">Of the node.</param>
/// <param name="NamedPorts">Of the destination where it is the judged endpoint, else none.</param>
internal sealed record PacketAtNode(
    Flow Flow, Address Other, ImmutableArray<Address> OwnAddresses, ImmutableArray<NamedPort> NamedPorts, GroupMembers Groups)
{
    public bool Matches(CompiledRule rule) => rule.Matches.Any(Matches);

    private bool Matches(CompiledMatch match)
    {
        if (match.Peers.Length > 0 && !match.Peers.Any(Matches))
        {
            return false;
        }

        if (match.Services.Length > 0 && !match.Services.Any(Matches))
        {
            return false;
        }

        return match.DestinationPorts is not { } group || Groups.Of(group).Any(IsDestination);
    }

    private bool IsDestination(GroupMember member) =>
        member.Cidr.Contains(Flow.Destination) && member.Protocol == Flow.Protocol && member.Port == Flow.DestinationPort;

    private bool Matches(CompiledPeer peer)
    {
        switch (peer)
        {
            case CompiledPeer.Any:
                return true;
            case CompiledPeer.Group group:
                return Groups.Of(group.Id).Any(m => m.Protocol is null && m.Cidr.Contains(Other));
            case CompiledPeer.Block block:
                return block.Cidr.Contains(Other) && block.Except.All(e => !e.Contains(Other));
            case CompiledPeer.LocalNode:
                return OwnAddresses.Contains(Other);
            default:
                throw new InvalidOperationException($"unknown peer {peer}");
        }
    }

    private bool Matches(Service service)
    {
        if (service.Protocol is { } protocol && protocol != Flow.Protocol)
        {
            return false;
        }

        if (service.IcmpType is { } type && type != Flow.IcmpType)
        {
            return false;
        }

        if (service.IcmpCode is { } code && code != Flow.IcmpCode)
        {
            return false;
        }

        return service.Ports.Length == 0 || (Flow.DestinationPort is { } port && service.Ports.Any(p => Matches(p, port)));
    }

    private bool Matches(PortMatch match, ushort port) => match switch
    {
        PortMatch.Numbers(var range) => range.First <= port && port <= range.Last,
        PortMatch.Named(var name) => NamedPorts.Contains(new NamedPort(name, Flow.Protocol, port)),
        _ => throw new InvalidOperationException($"unknown port match {match}"),
    };
}
