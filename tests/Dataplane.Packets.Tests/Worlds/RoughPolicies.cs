using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Testing.Worlds;

namespace Vallum.Dataplane.Packets.Tests.Worlds;

/// <summary>Policies that are hard on a node: long lists of wide and overlapping ranges, blocks of any length with holes, any protocol.</summary>
internal static class RoughPolicies
{
    /// <summary>Protocols without ports that a router passes on without looking into them, in both families.</summary>
    public static readonly ImmutableArray<byte> OtherProtocols = [4, 41, 47, 50, 89, 103, 112, 115, 253];

    public static readonly ImmutableArray<byte> IcmpTypes = [0, 3, 4, 5, 8, 11, 13, 17];

    public static readonly ImmutableArray<byte> IcmpV6Types = [1, 2, 3, 4, 128, 129, 134, 137];

    private static readonly ImmutableArray<int> Edges = [0, 1, 22, 53, 79, 80, 81, 443, 1023, 1024, 8079, 8080, 8081, 32767, 32768, 65534, 65535];

    private static readonly ImmutableArray<Address> Bases =
    [
        .. Vocabulary.EndpointsV4, .. Vocabulary.EndpointsV6, .. Vocabulary.Blocks.SelectMany(b => new[] { b.Base, b.Last }),
        Address.Parse("172.16.31.4"), Address.Parse("198.18.0.77"), Address.Parse("2001:db8:5::9"),
    ];

    /// <summary>The policy, with services and blocks of some of its rules replaced.</summary>
    public static Policy Roughen(Policy policy, Dice dice) => policy with
    {
        Ingress = [.. policy.Ingress.Select(r => Roughen(r, dice))],
        Egress = [.. policy.Egress.Select(r => Roughen(r, dice))],
    };

    /// <summary>A block of any length around an address that worlds have, or anywhere.</summary>
    public static Cidr Block(Dice dice)
    {
        var near = dice.Of(Bases);
        var address = !dice.OneIn(3) ? near : near.Family == IpFamily.V4 ? Address.V4((uint)dice.Bits(32)) : Address.V6(dice.Bits(128));
        return Cidr.Containing(address, dice.OneIn(12) ? 0 : dice.OneIn(4) ? address.Width : 1 + dice.Below(address.Width));
    }

    /// <summary>Any address of the block.</summary>
    public static Address Inside(Cidr block, Dice dice)
    {
        var bits = block.Base.Bits | dice.Bits(block.Base.Width - block.Length);
        return block.Family == IpFamily.V4 ? Address.V4((uint)bits) : Address.V6(bits);
    }

    private static Rule Roughen(Rule rule, Dice dice) => rule with
    {
        Services = dice.OneIn(2) ? rule.Services : [.. Enumerable.Range(0, 1 + dice.Below(3)).Select(_ => Service(dice))],
        Peers = rule.Peers.IsEmpty || !dice.OneIn(3) ? rule.Peers : [.. rule.Peers.Skip(1), Hole(dice)],
    };

    private static Peer.Block Hole(Dice dice)
    {
        var block = Block(dice);
        var cuts = Enumerable.Range(0, dice.Below(4))
            .Select(_ => Cidr.Containing(Inside(block, dice), Math.Min(block.Base.Width, block.Length + dice.Below(block.Base.Width - block.Length + 1))));
        return new Peer.Block(block, [.. cuts.Distinct().Order()]);
    }

    private static Service Service(Dice dice) => dice.Below(8) switch
    {
        0 => dice.Of(PolicyGens.Services),
        1 => new Service(dice.Of(OtherProtocols), []),
        2 => new Service(IpProtocol.Icmp, [], dice.Of(IcmpTypes), dice.OneIn(2) ? null : (byte)dice.Below(4)),
        3 => new Service(IpProtocol.IcmpV6, [], dice.Of(IcmpV6Types), dice.OneIn(2) ? null : (byte)dice.Below(4)),
        _ => new Service(Ported(dice), [.. Ranges(dice.OneIn(4) ? 20 : 1 + dice.Below(4), dice).Distinct().Select(r => new PortMatch.Numbers(r))]),
    };

    private static byte Ported(Dice dice) => dice.Below(4) switch { 0 => IpProtocol.Udp, 1 => IpProtocol.Sctp, _ => IpProtocol.Tcp };

    private static IEnumerable<PortRange> Ranges(int count, Dice dice) => Enumerable.Range(0, count).Select(_ => Range(dice));

    private static PortRange Range(Dice dice)
    {
        var (one, other) = (Edge(dice), dice.OneIn(2) ? Edge(dice) : -1);
        return other < 0 ? PortRange.Single(Math.Max(1, one)) : new PortRange(Math.Min(one, other), Math.Max(one, other));
    }

    private static int Edge(Dice dice) => dice.OneIn(4) ? dice.Below(65536) : dice.Of(Edges);
}
