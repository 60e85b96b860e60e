using System.Collections.Immutable;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Testing.Worlds;

namespace Vallum.Dataplane.Packets.Tests.Worlds;

/// <summary>
/// The flows of a world that the node sees, and what it is to make of each by the definition: egress of its own endpoints, ingress to them. Half of the
/// drawn flows stand on an edge (of a block, an exception, a range of ports), the others anywhere.
/// </summary>
internal sealed class NodeFlows
{
    /// <summary>Echo, timestamp, address mask (RFC 792, 950): to conntrack these alone begin a flow, and others are INVALID.</summary>
    private static readonly ImmutableArray<byte> Asking = [8, 13, 17];

    private readonly Evaluator _definition;
    private readonly ImmutableHashSet<Address> _locals;
    private readonly ImmutableArray<Address> _local;
    private readonly ImmutableArray<Address> _edges;
    private readonly ImmutableArray<Cidr> _blocks;
    private readonly ImmutableArray<AskedService> _services;
    private readonly bool _invalidToo;

    /// <param name="invalidToo">Packets that conntrack calls INVALID are judged by policies, and not dropped before.</param>
    public NodeFlows(ClusterState world, bool invalidToo)
    {
        World = world;
        _invalidToo = invalidToo;
        _definition = new Evaluator(world);
        _local = [.. Locals(world).Keys];
        _locals = [.. _local];
        _blocks =
        [
            .. world.Policies.Values.SelectMany(p => p.Ingress.Concat(p.Egress)).SelectMany(r => r.Peers).OfType<Peer.Block>()
                .SelectMany(b => b.Except.Prepend(b.Cidr))
                .Concat(world.NetworkSets.Values.SelectMany(s => s.Cidrs.Take(40))).Distinct(),
        ];
        _edges = [.. Flows.InterestingAddresses(world).Concat(_blocks.SelectMany(Ends)).Where(IsRoutable).Distinct()];
        _services = [.. InterestingServices.Of(world).Where(IsSendable)];
    }

    public ClusterState World { get; }

    /// <summary>The addresses of endpoints on the node, with the interface that leads to each.</summary>
    public static Dictionary<Address, string> Locals(ClusterState world) => world.Endpoints.Values
        .Where(e => e.Node == PacketWorlds.Node && !e.HostNetwork)
        .SelectMany(e => e.Addresses.Select(a => (Address: a, Link: PacketWorlds.LinkOf(e.Id))))
        .ToDictionary(p => p.Address, p => p.Link);

    /// <summary>
    /// Up to <paramref name="count"/> different flows. Of protocols without ports or ids there is only one of a flow and its reverse: the second would
    /// be the answer to the first. Empty when the node has no endpoint.
    /// </summary>
    public Flow[] Draw(Dice dice, int count)
    {
        var drawn = new HashSet<Flow>();
        for (var tries = 0; tries < 4 * count && drawn.Count < count && !_local.IsEmpty; tries++)
        {
            if (Draw(dice, atEdge: dice.OneIn(2)) is { } flow &&
                !(IsAlone(flow) && drawn.Contains(new Flow(flow.Destination, flow.Source, flow.Protocol))))
            {
                drawn.Add(flow);
            }
        }

        return [.. drawn];
    }

    /// <summary>Without an end; empty when the node has no endpoint. A flow may come again.</summary>
    public IEnumerable<Flow> DrawOn(Dice dice)
    {
        while (!_local.IsEmpty)
        {
            if (Draw(dice, atEdge: dice.OneIn(2)) is { } flow)
            {
                yield return flow;
            }
        }
    }

    /// <summary>Whether the node is to let the flow through.</summary>
    public bool Allows(Flow flow)
    {
        var verdict = _definition.Evaluate(flow);
        return (!_locals.Contains(flow.Source) || verdict.Egress.Allowed) && (!_locals.Contains(flow.Destination) || verdict.Ingress.Allowed);
    }

    public string Explain(Flow flow) => _definition.Evaluate(flow).ToString();

    /// <summary>Whether the node can be asked about it in this world too: an address that has moved is behind another interface.</summary>
    public bool Concerns(Flow flow) => _locals.Contains(flow.Source) || _locals.Contains(flow.Destination);

    private Flow? Draw(Dice dice, bool atEdge)
    {
        var self = dice.Of(_local);
        var other = atEdge ? dice.Of(_edges) : _blocks.IsEmpty || dice.OneIn(4) ? dice.Of(_local) : RoughPolicies.Inside(dice.Of(_blocks), dice);
        var service = atEdge || dice.OneIn(3) ? dice.Of(_services) : Anything(dice);
        if (other.Family != self.Family || other == self || !IsRoutable(other) || !Fits(service, self.Family))
        {
            return null;
        }

        return dice.OneIn(2) ? service.Between(self, other) : service.Between(other, self);
    }

    private AskedService Anything(Dice dice)
    {
        var service = dice.Below(8) switch
        {
            0 => new AskedService(dice.Of(RoughPolicies.OtherProtocols)),
            1 => new AskedService(IpProtocol.Icmp, IcmpType: dice.Of(RoughPolicies.IcmpTypes), IcmpCode: (byte)dice.Below(5)),
            2 => new AskedService(IpProtocol.IcmpV6, IcmpType: dice.Of(RoughPolicies.IcmpV6Types), IcmpCode: (byte)dice.Below(5)),
            3 => new AskedService(IpProtocol.Udp, (ushort)dice.Below(65536)),
            4 => new AskedService(IpProtocol.Sctp, (ushort)dice.Below(65536)),
            _ => new AskedService(IpProtocol.Tcp, (ushort)dice.Below(65536)),
        };
        return IsSendable(service) ? service : new AskedService(IpProtocol.Tcp, 80);
    }

    /// <summary>
    /// Neighbour discovery does not cross a router, and of ICMP conntrack lets few messages begin a flow.
    /// </summary>
    private bool IsSendable(AskedService service) => service.Protocol switch
    {
        IpProtocol.Icmp => _invalidToo || Asking.Contains(service.IcmpType!.Value),
        IpProtocol.IcmpV6 => service.IcmpType is not (133 or 135 or 136) && (_invalidToo || service.IcmpType is 128 or 134),
        _ => IpProtocol.HasPorts(service.Protocol) || RoughPolicies.OtherProtocols.Contains(service.Protocol),
    };

    private static bool IsAlone(Flow flow) => flow.DestinationPort is null && flow.IcmpType is null;

    private static bool Fits(AskedService service, IpFamily family) =>
        service.Protocol switch { IpProtocol.Icmp => family == IpFamily.V4, IpProtocol.IcmpV6 => family == IpFamily.V6, _ => true };

    /// <summary>Not the addresses that no router forwards: this network, loopback, multicast, broadcast, link-local.</summary>
    private static bool IsRoutable(Address address) => address.Family == IpFamily.V4
        ? (uint)(address.Bits >> 24) is > 0 and < 224 and not 127 && (uint)(address.Bits >> 16) != 0xA9FE
        : address.Bits > 1 && (uint)(address.Bits >> 120) != 0xFF && (uint)(address.Bits >> 118) != 0x3FA;

    private static IEnumerable<Address> Ends(Cidr block)
    {
        yield return block.Base;
        yield return block.Last;
        var highest = block.Family == IpFamily.V4 ? uint.MaxValue : UInt128.MaxValue;
        if (block.Base.Bits > 0)
        {
            yield return Of(block.Family, block.Base.Bits - 1);
        }

        if (block.Last.Bits < highest)
        {
            yield return Of(block.Family, block.Last.Bits + 1);
        }
    }

    private static Address Of(IpFamily family, UInt128 bits) => family == IpFamily.V4 ? Address.V4((uint)bits) : Address.V6(bits);
}
