using Google.Protobuf;
using Vallum.Dataplane.Model;
using Vallum.NodeAgent.Held;
using Vallum.Primitives;
using Wire = Vallum.Contracts.Agent.V1;

namespace Vallum.Dataplane.Packets.Tests.Agents;

/// <summary>What a node is told, as the update that tells it.</summary>
internal static class WireWords
{
    public static Wire.Update Snapshot(NodeState state, string node)
    {
        var resources = new List<Wire.Resource>
        {
            Whole(Wire.ResourceKind.Node, node, new Wire.NodeHead { Addresses = { state.NodeAddresses.Select(Bytes) } }, []),
        };
        resources.AddRange(state.Bindings.GroupBy(b => b.Endpoint.Split('/')[0])
            .Select(tenant => Whole(Wire.ResourceKind.Binding, tenant.Key, null, tenant.Select(Bound))));
        resources.AddRange(state.Profiles.Select(p => Whole(Wire.ResourceKind.Profile, p.Key, Head(p.Value), p.Value.Policies.Select(InForce))));
        resources.AddRange(state.Rules.Select(r => Whole(Wire.ResourceKind.PolicyRules, r.Key, Head(r.Value), [])));
        resources.AddRange(state.Groups.Select(g => Whole(
            Wire.ResourceKind.Group, g.Key, null,
            new[] { g.Value.V4, g.Value.V6, g.Value.V4Ports, g.Value.V6Ports }.SelectMany(s => s).Select(Member))));
        var total = resources.Aggregate(
            Digest.Empty, (sum, r) => sum + HeldResource.InTotal(new ResourceName(r.Kind, r.Name), Digest.FromBytes(r.Digest.Span)));
        return new Wire.Update { Nonce = 1, EndOfSnapshot = true, HeldDigest = ByteString.CopyFrom(total.ToBytes()), Resources = { resources } };
    }

    private static Wire.Resource Whole(Wire.ResourceKind kind, string name, IMessage? head, IEnumerable<ByteString> entries)
    {
        var whole = new Wire.Whole { Head = head?.ToByteString() ?? ByteString.Empty, Entries = { entries } };
        var digest = HeldResource.OfHead(whole.Head) + HeldResource.OfEntries(whole.Entries);
        return new Wire.Resource { Kind = kind, Name = name, Digest = ByteString.CopyFrom(digest.ToBytes()), Whole = whole };
    }

    private static ByteString Bound(Binding binding) => new Wire.BindingEntry
    {
        Endpoint = binding.Endpoint,
        Addresses = { binding.Addresses.Select(Bytes) },
        Interface = binding.Interface ?? "",
        Profile = binding.Profile,
    }.ToByteString();

    private static Wire.ProfileHead Head(Profile profile) => new()
    {
        NamedPorts = { profile.NamedPorts.Select(p => new Wire.NamedPort { Name = p.Name, Protocol = p.Protocol, Port = p.Port }) },
        DefaultIngress = profile.AllowsIngressByDefault ? Wire.Action.Allow : Wire.Action.Deny,
        DefaultEgress = profile.AllowsEgressByDefault ? Wire.Action.Allow : Wire.Action.Deny,
    };

    private static ByteString InForce(PolicyInForce entry) => new Wire.ProfileEntry
    {
        Direction = entry.Direction == Direction.Ingress ? Wire.Direction.Ingress : Wire.Direction.Egress,
        Tier = entry.Tier switch { Tier.Admin => Wire.Tier.Admin, Tier.Tenant => Wire.Tier.Tenant, _ => Wire.Tier.Baseline },
        Priority = (uint)entry.Priority,
        Policy = entry.Policy,
        Rules = entry.Rules,
        Staged = entry.Staged,
    }.ToByteString();

    private static Wire.PolicyRulesHead Head(PolicyRules rules) =>
        new() { Policy = rules.Policy, Ingress = { rules.Ingress.Select(Of) }, Egress = { rules.Egress.Select(Of) }, CutRevoked = rules.CutRevoked };

    private static Wire.Rule Of(Rule rule) => new()
    {
        Name = rule.Name,
        Action = rule.Action switch { RuleAction.Allow => Wire.Action.Allow, RuleAction.Deny => Wire.Action.Deny, _ => Wire.Action.Pass },
        Matches =
        {
            rule.Matches.Select(m => new Wire.Match
            {
                Peers = { m.Peers.Select(Of) }, Services = { m.Services.Select(Of) }, DestinationPorts = m.DestinationPorts ?? "",
            }),
        },
        Log = rule.Log,
    };

    private static Wire.Peer Of(Peer peer) => peer switch
    {
        Peer.Any => new Wire.Peer { Any = true },
        Peer.Group group => new Wire.Peer { Group = group.Name },
        Peer.Block block => new Wire.Peer { Block = new Wire.Block { Cidr = Bytes(block.Cidr), Except = { block.Except.Select(Bytes) } } },
        _ => new Wire.Peer { LocalNode = true },
    };

    private static Wire.Service Of(Service service)
    {
        var wire = new Wire.Service
        {
            Ports = { service.Ports.Select(p => new Wire.PortRange { First = p.First, Last = p.Last }) },
            NamedPorts = { service.NamedPorts },
        };
        if (service.Protocol is { } protocol)
        {
            wire.Protocol = protocol;
        }

        if (service.IcmpType is { } type)
        {
            wire.IcmpType = type;
        }

        if (service.IcmpCode is { } code)
        {
            wire.IcmpCode = code;
        }

        return wire;
    }

    private static ByteString Bytes(Address address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return ByteString.CopyFrom(bytes[..address.WriteTo(bytes)]);
    }

    private static ByteString Bytes(Cidr block) => ByteString.CopyFrom([.. Bytes(block.Base), block.Length]);

    private static ByteString Member(SetMember member) => member.Protocol is { } protocol
        ? ByteString.CopyFrom([.. Bytes(member.Net), protocol, (byte)(member.Port >> 8), (byte)member.Port])
        : Bytes(member.Net);
}
