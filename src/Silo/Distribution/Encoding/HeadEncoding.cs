using Google.Protobuf;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;
using Wire = Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution.Encoding;

/// <summary>Heads of resources as the agents' messages.</summary>
internal static class HeadEncoding
{
    /// <summary>The node's own addresses, sorted, and the policies about the node itself; null: none.</summary>
    public static Wire.NodeHead Node(Node node, ProfileId? profile = null) =>
        new() { Addresses = { node.Addresses.Order().Select(MemberEncoding.Bytes) }, Profile = profile?.Value ?? "" };

    public static Wire.ProfileHead Profile(ResourceHead.Profile head) => new()
    {
        NamedPorts = { head.NamedPorts.Select(p => new Wire.NamedPort { Name = p.Name, Protocol = p.Protocol, Port = p.Port }) },
        DefaultIngress = PostureOf(head.DefaultIngress),
        DefaultEgress = PostureOf(head.DefaultEgress),
    };

    public static Wire.PolicyRulesHead PolicyRules(ResourceHead.PolicyRules head) => new()
    {
        Policy = head.Policy.ToString(),
        Ingress = { head.Ingress.Select(Rule) },
        Egress = { head.Egress.Select(Rule) },
        CutRevoked = head.Revocation == Revocation.Cut,
    };

    private static Wire.Rule Rule(CompiledRule rule) => new()
    {
        Name = rule.Name,
        Action = rule.Action switch
        {
            RuleAction.Allow => Wire.Action.Allow,
            RuleAction.Deny => Wire.Action.Deny,
            RuleAction.Pass => Wire.Action.Pass,
            _ => throw new InvalidOperationException($"unknown action {rule.Action}"),
        },
        Matches = { rule.Matches.Select(Match) },
        Log = rule.Log,
    };

    private static Wire.Match Match(CompiledMatch match) => new()
    {
        Peers = { match.Peers.Select(Peer) },
        Services = { match.Services.Select(Service) },
        DestinationPorts = match.DestinationPorts?.Value ?? "",
    };

    private static Wire.Peer Peer(CompiledPeer peer) => peer switch
    {
        CompiledPeer.Any => new Wire.Peer { Any = true },
        CompiledPeer.Group group => new Wire.Peer { Group = group.Id.Value },
        CompiledPeer.LocalNode => new Wire.Peer { LocalNode = true },
        CompiledPeer.Block block => new Wire.Peer
        {
            Block = new Wire.Block { Cidr = Cidr(block.Cidr), Except = { block.Except.Select(Cidr) } },
        },
        _ => throw new InvalidOperationException($"unknown peer {peer}"),
    };

    private static Wire.Service Service(Service service)
    {
        var message = new Wire.Service
        {
            Ports = { service.Ports.OfType<PortMatch.Numbers>().Select(n => new Wire.PortRange { First = n.Range.First, Last = n.Range.Last }) },
            NamedPorts = { service.Ports.OfType<PortMatch.Named>().Select(n => n.Name) },
        };
        if (service.Protocol is { } protocol)
        {
            message.Protocol = protocol;
        }

        if (service.IcmpType is { } type)
        {
            message.IcmpType = type;
        }

        if (service.IcmpCode is { } code)
        {
            message.IcmpCode = code;
        }

        return message;
    }

    private static Wire.Action PostureOf(Posture posture) => posture == Posture.Allow ? Wire.Action.Allow : Wire.Action.Deny;

    private static ByteString Cidr(Cidr cidr) => UnsafeByteOperations.UnsafeWrap(MemberEncoding.Pack(new GroupMember(cidr)));
}
