using System.Collections.Immutable;
using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Tests.Kernel;

/// <summary>Random sequences of operations that a kernel takes, over two sets of every type and family.</summary>
internal static class SetOperations
{
    private static readonly Gen<(byte Protocol, ushort Port)> Ports =
        Gen.Select(Gen.OneOf(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp), Gen.OneOf<ushort>(0, 1, 80, 65535));

    private static readonly ImmutableArray<(SetType Type, IpFamily Family)> Kinds =
    [
        .. new[] { SetType.Net, SetType.NetPort, SetType.NetInterface }.SelectMany(t => new[] { (t, IpFamily.V4), (t, IpFamily.V6) }),
    ];

    public static readonly ImmutableArray<SetOperation> Creates = [.. Kinds.SelectMany(k => new[] { Create(k, 0), Create(k, 1) })];

    public static readonly Gen<ImmutableArray<SetOperation>> Sequence = Gen.Select(Gen.Int[0, Kinds.Length - 1], Gen.Int[0, 1])
        .SelectMany((kind, which) => Operation(Kinds[kind], which)).Array[1, 12].Select(steps => steps.SelectMany(s => s).ToImmutableArray());

    public static string Name((SetType Type, IpFamily Family) kind, int which) => KernelNames.Set(kind.Family, $"{kind.Type}-{which}");

    private static SetOperation.Create Create((SetType Type, IpFamily Family) kind, int which) =>
        new SetOperation.Create(new KernelSet(Name(kind, which), kind.Type, kind.Family, MemberSet.Empty));

    private static Gen<SetOperation[]> Operation((SetType Type, IpFamily Family) kind, int which)
    {
        var name = Name(kind, which);
        var members = Member(kind).Array[1, 40].Select(m => m.ToImmutableArray());
        return Gen.Frequency(
            (6, members.Select(m => new SetOperation[] { new SetOperation.Add(name, m) })),
            (4, members.Select(m => new SetOperation[] { new SetOperation.Remove(name, m) })),
            (1, Gen.Const(new SetOperation[] { new SetOperation.Swap(name, Name(kind, 1 - which)) })),
            (1, Gen.Const(new SetOperation[] { new SetOperation.Destroy(name), Create(kind, which), Create(kind, which) })));
    }

    /// <summary>ICMP of the family: its type and code stand where ports do, some with a word of their own in ipset, some without.</summary>
    private static Gen<(byte Protocol, ushort Port)> Messages(IpFamily family) =>
        Gen.Select(Gen.OneOf<byte>(0, 3, 8, 128, 135, 200), Gen.OneOf<byte>(0, 1, 4, 255))
            .Select((type, code) => (family == IpFamily.V4 ? IpProtocol.Icmp : IpProtocol.IcmpV6, (ushort)((type << 8) | code)));

    /// <summary>Of few values, so that members come twice, go, and change their flag.</summary>
    private static Gen<SetMember> Member((SetType Type, IpFamily Family) kind)
    {
        var nets = kind.Family == IpFamily.V4
            ? Gen.Select(Gen.Int[0, 20], Gen.Int[1, 32]).Select((n, length) => Cidr.Containing(Address.V4(0x0A000000u + ((uint)n * 65793)), length))
            : Gen.Select(Gen.Int[0, 20], Gen.Int[1, 128]).Select((n, length) => Cidr.Containing(Address.Parse($"fd00:{n:x}::{n:x}"), length));
        return kind.Type switch
        {
            SetType.NetPort => Gen.Select(nets, Gen.OneOf(Ports, Messages(kind.Family)), Gen.Bool)
                .Select((net, asked, not) => new SetMember(net, asked.Protocol, asked.Port, NoMatch: not)),
            SetType.NetInterface => Gen.Select(nets, Gen.OneOf("vw1", "physdev:vw1", "a-name-of-15-ch"), Gen.Bool)
                .Select((net, link, not) => new SetMember(net, Interface: link, NoMatch: not)),
            _ => Gen.Select(nets, Gen.Bool).Select((net, not) => new SetMember(net, NoMatch: not)),
        };
    }
}
