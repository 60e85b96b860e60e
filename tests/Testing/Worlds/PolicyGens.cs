using System.Collections.Immutable;
using CsCheck;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Testing.Worlds;

/// <summary>Policies that the API would accept, of every tier, mode, action, kind of peer and kind of service.</summary>
public static class PolicyGens
{
    public static readonly Gen<PolicyId> TenantPolicyIds = Gen.Select(
        SelectorGens.Tenants, Gen.OneOf([.. Vocabulary.TenantPolicies]), (tenant, name) => new PolicyId(tenant, name));

    public static readonly Gen<PolicyId> OperatorPolicyIds =
        Gen.OneOf([.. Vocabulary.OperatorPolicies]).Select(name => new PolicyId(null, name));

    private static readonly Gen<PortMatch> PortMatches = Gen.Frequency(
        (3, Gen.OneOf([.. Vocabulary.Ports]).Select(p => (PortMatch)new PortMatch.Numbers(PortRange.Single(p)))),
        (2, Gen.OneOf(new PortRange(80, 81), new PortRange(0, 79), new PortRange(81, 8080), new PortRange(443, 65535))
            .Select(r => (PortMatch)new PortMatch.Numbers(r))),
        (4, Gen.OneOf([.. Vocabulary.PortNames]).Select(n => (PortMatch)new PortMatch.Named(n))));

    public static readonly Gen<Service> Services = Gen.Frequency(
        (1, Gen.Const(Service.Any)),
        (1, Gen.OneOf<byte>(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp, IpProtocol.Icmp, IpProtocol.IcmpV6, 47)
            .Select(p => new Service(p, []))),
        (8, Gen.Select(
            Gen.OneOf(IpProtocol.Tcp, IpProtocol.Tcp, IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp),
            PortMatches.Array[1, 2],
            (protocol, ports) => new Service(protocol, [.. ports.Distinct()]))),
        (1, Gen.Select(
            Gen.OneOf<(byte, byte, byte?)>(
                (IpProtocol.Icmp, 8, null), (IpProtocol.Icmp, 3, 4), (IpProtocol.Icmp, 0, 0),
                (IpProtocol.IcmpV6, 128, null), (IpProtocol.IcmpV6, 1, 3)),
            t => new Service(t.Item1, [], t.Item2, t.Item3))));

    /// <summary>Blocks with up to two cuts, each inside the block; a cut may be the whole block.</summary>
    private static readonly Gen<Peer> Blocks =
        from block in Gen.OneOf([.. Vocabulary.Blocks])
        let inside = Cuts(block)
        from cuts in Gen.OneOf(inside).Array[0, 2]
        select (Peer)new Peer.Block(block, [.. cuts.Distinct().Order()]);

    public static readonly Gen<Peer> Peers = Gen.Frequency(
        (1, Gen.Const<Peer>(Peer.Any.Instance)),
        (6, SelectorGens.EndpointSelectors.Select(s => (Peer)new Peer.Endpoints(s))),
        (3, Blocks),
        (1, ObjectGens.NetworkSetNames.Select(n => (Peer)new Peer.Set(n))),
        (1, Gen.Const<Peer>(Peer.LocalNode.Instance)),
        (1, SelectorGens.Selectors.Select(s => (Peer)new Peer.Nodes(s))));

    public static readonly Gen<Policy> TenantPolicies =
        from id in TenantPolicyIds
        from subject in Subjects
        from policy in Policies(id, Tier.Tenant, Gen.Const(0), subject, Rules(Gen.Const(RuleAction.Allow), fewestPeers: 0))
        select policy;

    public static readonly Gen<Policy> OperatorPolicies =
        from id in OperatorPolicyIds
        from tier in Gen.OneOf(Tier.Admin, Tier.Baseline)
        from subject in Subjects
        from policy in Policies(
            id,
            tier,
            Gen.Int[0, 2],
            subject,
            Rules(Gen.OneOf(RuleAction.Allow, RuleAction.Deny, RuleAction.Deny, RuleAction.Pass), fewestPeers: 1))
        select policy;

    /// <summary>Policies about nodes: their peers are seen from no tenant, and ports of nodes have no names.</summary>
    public static readonly Gen<Policy> HostPolicies =
        from nodes in SelectorGens.Selectors.Array[1, 2]
        from policy in OperatorPolicies
        select policy with
        {
            Subject = [],
            Nodes = [.. nodes.Distinct()],
            Ingress = [.. policy.Ingress.Select(r => SeenFromNode(r) with { Services = [.. r.Services.Select(Numbered)] })],
            Egress = [.. policy.Egress.Select(SeenFromNode)],
        };

    private static Rule SeenFromNode(Rule rule) => rule with
    {
        Peers =
        [
            .. rule.Peers.Select(p => p switch
            {
                Peer.Endpoints { Selector: { Tenants: TenantScope.Same or TenantScope.Other } s } =>
                    new Peer.Endpoints(s with { Tenants = new TenantScope.Matching(Selector.All) }),
                Peer.LocalNode => new Peer.Nodes(Selector.All),
                _ => p,
            }),
        ],
    };

    private static Service Numbered(Service service) => service with
    {
        Ports = [.. service.Ports.Select(p => p is PortMatch.Named ? new PortMatch.Numbers(PortRange.Single(80)) : p)],
    };

    private static Gen<EndpointSelector[]> Subjects =>
        Gen.Frequency((1, Gen.Const(Array.Empty<EndpointSelector>())), (9, SelectorGens.Subjects.Array[1, 2]));

    private static Gen<Policy> Policies(
        PolicyId id, Tier tier, Gen<int> priorities, EndpointSelector[] subject, Gen<ImmutableArray<Rule>> rules) =>
        Gen.Select(
            priorities,
            Gen.Frequency((5, Gen.Const(PolicyMode.Enforced)), (1, Gen.Const(PolicyMode.Staged))),
            Gen.OneOf(Revocation.Keep, Revocation.Cut),
            Gen.OneOf<ImmutableArray<Direction>>([Direction.Ingress], [Direction.Egress], [Direction.Ingress, Direction.Egress]),
            rules,
            rules,
            (priority, mode, revocation, directions, ingress, egress) =>
                new Policy(id, tier, priority, mode, revocation, [.. subject.Distinct()], directions, ingress, egress));

    private static Gen<ImmutableArray<Rule>> Rules(Gen<RuleAction> actions, int fewestPeers) =>
        Gen.Select(
            Gen.OneOf("", "first", "second"),
            actions,
            Peers.Array[fewestPeers, 3],
            Gen.Frequency((1, Gen.Const(Array.Empty<Service>())), (2, Services.Array[1, 2])),
            Gen.Bool,
            (name, action, peers, services, log) => new Rule(name, action, [.. peers], [.. services], log)).Array[0, 4]
        .Select(rules => rules.ToImmutableArray());

    private static Cidr[] Cuts(Cidr block) =>
    [
        block,
        .. block.IsHost ? [] : new[] { block.Halves().Low, block.Halves().High },
        .. Vocabulary.Blocks.Where(block.Contains),
        .. Vocabulary.EndpointsV4.Concat(Vocabulary.EndpointsV6).Where(block.Contains).Select(Cidr.Host),
    ];
}
