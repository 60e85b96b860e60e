using System.Collections.Immutable;
using CsCheck;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>
/// Pairs of states that differ a little, over so few addresses that blocks nest, sets overlap, and what moves concerns somebody: members that come,
/// go, move and become exceptions; rules that change their action or peers; priorities that swap; policies that enter and leave a profile; endpoints
/// that come, go, and change their profile or interface.
/// </summary>
public static class Neighbours
{
    public static readonly ImmutableArray<Address> Hosts =
    [
        .. Enumerable.Range(0, 8).Select(n => Address.Parse($"10.1.7.{n}")), .. Enumerable.Range(0, 4).Select(n => Address.Parse($"10.9.0.{n}")),
        .. Enumerable.Range(0, 4).Select(n => Address.Parse($"fd00::7:{n}")),
    ];

    private static readonly Gen<Address> Host = Gen.Int[0, 15].Select(n => Hosts[n]);

    private static readonly Gen<Cidr> Blocks = Gen.Select(Host, Gen.Frequency((5, Gen.Const(0)), (4, Gen.Int[1, 3]), (1, Gen.Int[8, 24])))
        .Select((address, wider) => Cidr.Containing(address, address.Width - wider));

    private static readonly Gen<SetMember> Members = Gen.Select(Blocks, Gen.Frequency((4, Gen.Const(false)), (1, Gen.Const(true))))
        .Select((block, noMatch) => new SetMember(block, NoMatch: noMatch));

    private static readonly Gen<SetMember> Ports = Gen.Select(Host, Gen.OneOf((ushort)80, (ushort)443))
        .Select((address, port) => new SetMember(Cidr.Host(address), IpProtocol.Tcp, port));

    private static readonly Gen<Group> Groups = Gen.Select(Members.Array[0, 6], Ports.Array[0, 3])
        .Select((blocks, ports) => Group.Of(blocks.DistinctBy(b => b.Net).Concat(ports.Distinct())));

    private static readonly Gen<string> GroupNames = Gen.Int[0, 3].Select(n => $"g{n}");

    private static readonly Gen<Peer> Peers = Gen.Frequency(
        (1, Gen.Const((Peer)Peer.Any.Instance)),
        (12, GroupNames.Select(n => (Peer)new Peer.Group(n))),
        (2, Gen.Select(Blocks, Blocks.Array[0, 2]).Select((block, except) => (Peer)new Peer.Block(block, [.. except.Where(block.Contains)]))));

    private static readonly Gen<Match> Matches = Gen.Select(
        Peers.Array[1, 2], Gen.Frequency((3, Gen.Const(-1)), (2, Gen.Const(80)), (1, Gen.Const(443))), Gen.Frequency((6, Gen.Const("")), (1, GroupNames)))
        .Select((peers, port, ports) => new Match(
            [.. peers],
            port < 0 ? [] : [Service.Of(IpProtocol.Tcp, PortRange.Single((ushort)port))],
            ports.Length == 0 ? null : ports));

    private static readonly Gen<Rule> Rules = Gen.Select(
        Gen.Frequency((6, Gen.Const(RuleAction.Allow)), (4, Gen.Const(RuleAction.Deny)), (1, Gen.Const(RuleAction.Pass))), Matches.Array[1, 2])
        .Select((action, matches) => new Rule("r", action, [.. matches]));

    private static readonly Gen<PolicyRules> PolicyRules = Gen.Select(Rules.Array[0, 2], Rules.Array[0, 2])
        .Select((ingress, egress) => new PolicyRules("policies/p", [.. ingress], [.. egress], false));

    private static readonly Gen<PolicyInForce> InForce = Gen.Select(
        Gen.OneOf(Direction.Ingress, Direction.Egress), Gen.OneOf(Tier.Admin, Tier.Tenant, Tier.Tenant, Tier.Baseline), Gen.Int[0, 3], Gen.Int[0, 4],
        Gen.Frequency((8, Gen.Const(false)), (1, Gen.Const(true))))
        .Select((direction, tier, priority, rules, staged) => new PolicyInForce(direction, tier, priority, $"policies/p{rules}", $"r{rules}", staged));

    private static readonly Gen<Profile> Profiles = Gen.Select(Gen.Bool, Gen.Bool, InForce.Array[0, 4])
        .Select((ingress, egress, policies) => new Profile([], ingress, egress, [.. policies]));

    private static readonly Gen<Binding> Bindings = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 15], Gen.OneOf("vw1", "vw2", "tap7", ""), Gen.Int[0, 2])
        .Select((n, address, name, profile) => new Binding($"t/e{n}", [Hosts[address]], name.Length == 0 ? null : name, $"p{profile}"));

    private static readonly Gen<NodeState> State = Gen.Select(
        Gen.Int[0, 15].Array[0, 1], Bindings.Array[1, 5], Profiles.Array[3], PolicyRules.Array[5], Groups.Array[4])
        .Select((node, bindings, profiles, rules, groups) => new NodeState(
            [.. node.Select(n => Hosts[n])],
            Distinct(bindings),
            Named("p", profiles),
            Named("r", rules),
            Named("g", groups)));

    private static readonly Gen<Func<NodeState, NodeState>> Changes = Gen.Frequency(
        (10, Gen.Select(GroupNames, Members).Select((name, member) => Step(s => Regroup(s, name, g => g.With(
            [member], [member with { NoMatch = !member.NoMatch }]))))),
        (8, Gen.Select(GroupNames, Gen.Int[0, 9]).Select((name, pick) => Step(s => Regroup(s, name, g => g.With([], Pick(g, pick)))))),
        (4, Gen.Select(GroupNames, Ports).Select((name, member) => Step(s => Regroup(s, name, g => g.With([member], []))))),
        (6, Gen.Select(GroupNames, GroupNames, Gen.Int[0, 9]).Select((from, to, pick) => Step(s => Move(s, from, to, pick)))),
        (3, Gen.Select(Gen.Int[0, 4], PolicyRules).Select((n, rules) => Step(s => s with { Rules = s.Rules.SetItem($"r{n}", rules) }))),
        (2, Gen.Int[0, 4].Select(n => Step(s => s with { Rules = s.Rules.SetItem($"r{n}", Flipped(s.Rules[$"r{n}"])) }))),
        (2, Gen.Select(Gen.Int[0, 2], InForce).Select((n, policy) => Step(s => Reprofile(s, n, p => p with { Policies = p.Policies.Add(policy) })))),
        (2, Gen.Int[0, 2].Select(n => Step(s => Reprofile(s, n, p => p with { Policies = [.. p.Policies.Skip(1)] })))),
        (1, Gen.Int[0, 2].Select(n => Step(s => Reprofile(s, n, p => p with
        {
            Policies = [.. p.Policies.Select(f => f with { Priority = 3 - f.Priority })],
        })))),
        (3, Bindings.Select(b => Step(s => s with { Bindings = Distinct([b, .. s.Bindings]) }))),
        (2, Gen.Int[0, 4].Select(n => Step(s => s with { Bindings = [.. s.Bindings.Where(b => b.Endpoint != $"t/e{n}")] }))));

    /// <summary>A state and one that differs by one to five changes.</summary>
    public static readonly Gen<(NodeState From, NodeState To)> Pair = Gen.Select(State, Changes.Array[1, 5])
        .Select((state, changes) => (state, changes.Aggregate(state, (s, change) => change(s))));

    /// <summary>A state and one that differs by members alone.</summary>
    public static readonly Gen<(NodeState From, NodeState To)> MemberPair = Gen.Select(State, Groups.Array[4], Gen.Int[1, 15])
        .Select((state, groups, which) => (state, state with
        {
            Groups = state.Groups.ToImmutableDictionary(g => g.Key, g => (which >> (g.Key[1] - '0') & 1) == 0 ? g.Value : groups[g.Key[1] - '0']),
        }));

    private static Func<NodeState, NodeState> Step(Func<NodeState, NodeState> step) => step;

    private static NodeState Regroup(NodeState state, string name, Func<Group, Group> change) =>
        state with { Groups = state.Groups.SetItem(name, change(state.Groups[name])) };

    private static NodeState Reprofile(NodeState state, int n, Func<Profile, Profile> change) =>
        state with { Profiles = state.Profiles.SetItem($"p{n}", change(state.Profiles[$"p{n}"])) };

    private static NodeState Move(NodeState state, string from, string to, int pick)
    {
        var moved = Pick(state.Groups[from], pick).ToArray();
        return Regroup(Regroup(state, from, g => g.With([], moved)), to, g => g.With(moved, moved.Select(m => m with { NoMatch = !m.NoMatch })));
    }

    private static IEnumerable<SetMember> Pick(Group group, int pick)
    {
        var members = group.V4.Concat(group.V6).Concat(group.V4Ports).Order().ToArray();
        return members.Length == 0 ? [] : [members[pick % members.Length]];
    }

    private static PolicyRules Flipped(PolicyRules rules) => rules with
    {
        Ingress = [.. rules.Ingress.Select(r => r with { Action = r.Action == RuleAction.Allow ? RuleAction.Deny : RuleAction.Allow })],
        Egress = [.. rules.Egress.Reverse()],
    };

    private static ImmutableArray<Binding> Distinct(IEnumerable<Binding> bindings) =>
        [.. bindings.DistinctBy(b => b.Endpoint).DistinctBy(b => b.Addresses[0])];

    private static ImmutableDictionary<string, T> Named<T>(string prefix, IEnumerable<T> values) =>
        values.Select((value, i) => (value, i)).ToImmutableDictionary(v => $"{prefix}{v.i}", v => v.value);
}
