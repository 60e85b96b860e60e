using System.Collections.Immutable;
using CsCheck;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>Random node states over few names, so that two of them have much in common.</summary>
public static class NodeStates
{
    private static readonly Gen<Address> Addresses = Gen.OneOf(
        Gen.Int[1, 40].Select(n => Address.Parse($"10.1.7.{n}")),
        Gen.Int[0, 255].Select(n => Address.Parse($"10.{n}.0.9")),
        Gen.Int[1, 40].Select(n => Address.Parse($"fd00::7:{n:x}")),
        Gen.Int[0, 255].Select(n => Address.Parse($"2001:db8:{n:x}::1")));

    private static readonly Gen<Cidr> Blocks = Gen.Select(Addresses, Gen.Frequency((1, Gen.Const(0)), (4, Gen.Int[1, 24]), (4, Gen.Int[1, 128])))
        .Select((address, length) => Cidr.Containing(address, Math.Min(length, address.Width)));

    private static readonly Gen<SetMember> BlockMembers = Gen.OneOf(Addresses.Select(Cidr.Host), Blocks).Select(b => new SetMember(b));

    private static readonly Gen<SetMember> PortMembers = Gen.Select(Addresses, Gen.OneOf(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp), Gen.UShort)
        .Select((address, protocol, port) => new SetMember(Cidr.Host(address), protocol, port));

    private static readonly Gen<string> GroupNames = Gen.Int[0, 5].Select(n => $"g{n}");

    private static readonly Gen<Peer> Peers = Gen.Frequency(
        (1, Gen.Const((Peer)Peer.Any.Instance)),
        (6, GroupNames.Select(n => (Peer)new Peer.Group(n))),
        (6, Gen.Select(Blocks, Gen.Int[0, 3], Gen.Int[1, 20]).Select((block, count, deeper) => (Peer)new Peer.Block(block, Excepts(block, count, deeper)))),
        (1, Gen.Const((Peer)Peer.LocalNode.Instance)),
        (1, Gen.Const((Peer)Peer.Unknown.Instance)));

    private static readonly Gen<PortRange> Ranges = Gen.Select(Gen.UShort, Gen.Frequency((3, Gen.Const(0)), (1, Gen.Int[1, 65535])))
        .Select((first, more) => new PortRange(first, Math.Min(65535, first + more)));

    private static readonly Gen<Service> Services = Gen.Frequency(
        (1, Gen.Const(Service.Any)),
        (8, Gen.Select(Gen.OneOf(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp), Ranges.Array[0, 20], Gen.OneOf("web", "dns", "").Array[0, 2])
            .Select((protocol, ports, names) => new Service(protocol, [.. ports], [.. names.Where(n => n.Length > 0)]))),
        (2, Gen.Byte.Select(protocol => new Service(protocol, [], []))),
        (2, Gen.Select(Gen.OneOf(IpProtocol.Icmp, IpProtocol.IcmpV6), Gen.Byte, Gen.Byte.Nullable())
            .Select((protocol, type, code) => new Service(protocol, [], [], type, code))),
        (1, Gen.Const(Service.Unknown)));

    private static readonly Gen<Match> Matches = Gen.Select(Peers.Array[0, 7], Services.Array[0, 3], Gen.Frequency((4, Gen.Const("")), (1, GroupNames)))
        .Select((peers, services, ports) => new Match([.. peers], [.. services], ports.Length == 0 ? null : ports));

    private static readonly Gen<Rule> Rules = Gen.Select(
        Gen.Frequency(
            (5, Gen.Const(RuleAction.Allow)), (3, Gen.Const(RuleAction.Deny)), (2, Gen.Const(RuleAction.Pass)), (1, Gen.Const(RuleAction.Unknown))),
        Matches.Array[0, 3], Gen.Bool, Gen.OneOf("a", "strange \"name\"\n"))
        .Select((action, matches, log, name) => new Rule(name, action, [.. matches], log));

    private static readonly Gen<PolicyRules> PolicyRules = Gen.Select(Rules.Array[0, 3], Rules.Array[0, 3])
        .Select((ingress, egress) => new PolicyRules("policies/p", [.. ingress], [.. egress], false));

    private static readonly Gen<PolicyInForce> InForce = Gen.Select(
        Gen.Frequency((6, Gen.Const(Direction.Ingress)), (6, Gen.Const(Direction.Egress)), (1, Gen.Const(Direction.Unknown))),
        Gen.Frequency((6, Gen.Const(Tier.Admin)), (8, Gen.Const(Tier.Tenant)), (4, Gen.Const(Tier.Baseline)), (1, Gen.Const(Tier.Unknown))),
        Gen.Int[0, 3], Gen.Int[0, 7], Gen.Frequency((5, Gen.Const(false)), (1, Gen.Const(true))))
        .Select((direction, tier, priority, rules, staged) => new PolicyInForce(direction, tier, priority, $"policies/p{rules}", $"r{rules}", staged));

    private static readonly Gen<Profile> Profiles = Gen.Select(
        Gen.Int[1, 9999].Array[0, 2], Gen.Bool, Gen.Bool, InForce.Array[0, 5])
        .Select((ports, ingress, egress, policies) => new Profile(
            [.. ports.Select((p, i) => new NamedPort(i == 0 ? "web" : "dns", i == 0 ? IpProtocol.Tcp : IpProtocol.Udp, (ushort)p))],
            ingress, egress, [.. policies]));

    private static readonly Gen<Binding> Bindings = Gen.Select(
        Gen.Int[0, 30], Addresses.Array[1, 2], Gen.OneOf("vw1", "vw2", "tap7", "eth0.4", ""), Gen.Int[0, 6])
        .Select((n, addresses, name, profile) => new Binding($"t/e{n}", [.. addresses], name.Length == 0 ? null : name, $"p{profile}"));

    private static readonly Gen<Links> Links = Gen.Select(Gen.OneOf("vw1", "vw2", "tap7").Array[0, 2], Gen.Bool, Gen.Bool)
        .Select((ports, v4, v6) => new Links(
            ports.Distinct().ToImmutableSortedDictionary(p => p, p => p == "vw2" ? "vwbr" : "br0", StringComparer.Ordinal), v4, v6));

    public static readonly Gen<NodeState> State = Gen.Select(
        Gen.Select(Addresses.Array[0, 2], Gen.OneOf("", "p0", "p1", "p6"), Links), Bindings.Array[0, 30], Profiles.Array[7], PolicyRules.Array[8],
        Gen.Select(BlockMembers.Array[0, 12], PortMembers.Array[0, 6]).Array[6])
        .Select((own, bindings, profiles, rules, groups) => new NodeState(
            [.. own.Item1],
            [.. bindings.DistinctBy(b => b.Endpoint)],
            Named("p", profiles.Take(6)),
            Named("r", rules.Take(7)),
            Named("g", groups.Take(5).Select(g => Group.Of(g.Item1.Concat(g.Item2)))))
        {
            NodeProfile = own.Item2.Length == 0 ? null : own.Item2,
            Links = own.Item3,
        });

    public static readonly Gen<RenderOptions> Options = Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Int[0, 20], Gen.Select(Gen.OneOf(0, 1, 3, 8), Gen.OneOf(0, 2, 16), Gen.OneOf(0, 2, 3, 1024)))
        .Select((accept, invalid, interfaces, blocks, log, most) => new RenderOptions
        {
            UnmergedConditions = most.Item1,
            UncutRanges = most.Item2,
            UncopiedMembers = most.Item3,
            AcceptAllowed = accept,
            DropInvalid = invalid,
            WorkloadInterfaces = interfaces ? ["vw+"] : [],
            WorkloadBlocks = blocks ? [Cidr.Parse("10.1.7.0/24"), Cidr.Parse("fd00::/64")] : [],
            LogGroup = log > 10 ? log : null,
            Failsafe = log % 3 == 0 ? Failsafe.None : new Failsafe(
                [new FailsafePort(IpProtocol.Tcp, 22)],
                [new FailsafePort(IpProtocol.Udp, 53), new FailsafePort(IpProtocol.Tcp, 7400, Address.Parse("10.9.9.9"))]),
        });

    /// <summary>
    /// A state and what it becomes step by step: at each, a resource is taken over from another state, or goes, or a group's members change, or the
    /// endpoints do.
    /// </summary>
    public static readonly Gen<ImmutableArray<NodeState>> History = Gen.Select(State, State, Gen.Select(Gen.Int[0, 8], Gen.Int[0, 7], Gen.Int[0, 7]).Array[1, 12])
        .Select((start, other, steps) => steps.Aggregate(
            ImmutableArray.Create(start), (states, step) => states.Add(Step(states[^1], other, step.Item1, step.Item2, step.Item3))));

    private static NodeState Step(NodeState state, NodeState other, int kind, int which, int from)
    {
        var (name, source) = (which, from);
        return kind switch
        {
            0 => state with { Rules = state.Rules.Remove($"r{name}") },
            1 => state with { Groups = state.Groups.Remove($"g{name}") },
            2 => state with { Profiles = Put(state.Profiles, $"p{name}", other.Profiles, $"p{source}") },
            3 => state with { Bindings = other.Bindings },
            4 => state with { Groups = Put(state.Groups, $"g{name}", other.Groups, $"g{source}") },
            5 when state.Groups.TryGetValue($"g{name}", out var group) && other.Groups.TryGetValue($"g{source}", out var more) => state with
            {
                Groups = state.Groups.SetItem($"g{name}", group.With(more.V4.Concat(more.V6Ports).Take(from), group.V4.Concat(group.V6).Take(2))),
            },
            6 when state.Profiles.TryGetValue($"p{name}", out var profile) && other.Profiles.TryGetValue($"p{source}", out var more) => state with
            {
                Profiles = state.Profiles.SetItem($"p{name}", profile with { Policies = [.. profile.Policies.Skip(from % 2), .. more.Policies.Take(1)] }),
            },
            _ => state with { Rules = Put(state.Rules, $"r{name}", other.Rules, $"r{source}") },
        };
    }

    private static PersistentDictionary<string, T> Put<T>(
        PersistentDictionary<string, T> into, string name, PersistentDictionary<string, T> from, string source) =>
        from.TryGetValue(source, out var value) ? into.SetItem(name, value) : into;

    private static ImmutableDictionary<string, T> Named<T>(string prefix, IEnumerable<T> values) =>
        values.Select((value, i) => (value, i)).ToImmutableDictionary(v => $"{prefix}{v.i}", v => v.value);

    private static ImmutableArray<Cidr> Excepts(Cidr block, int count, int deeper) =>
    [
        .. Enumerable.Range(0, count).Select(i => Cidr.Containing(
            i == 0 ? block.Base : block.Last, Math.Min(block.Base.Width, block.Length + (deeper * i)))),
    ];
}
