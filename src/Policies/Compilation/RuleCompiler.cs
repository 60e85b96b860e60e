using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>Turns the rules of a policy, seen from one tenant, into what a node can evaluate: selectors become groups.</summary>
internal sealed class RuleCompiler
{
    private readonly TenantName _tenant;
    private readonly Dictionary<GroupId, GroupDefinition> _groups = [];

    private RuleCompiler(TenantName tenant) => _tenant = tenant;

    /// <summary>An operator's policy gets rules for each tenant only where its peers differ from tenant to tenant.</summary>
    public static PolicyRulesId IdOf(Policy policy, TenantName tenant)
    {
        var seenFromTenant = policy.Id.Tenant is null &&
            policy.Directions.SelectMany(direction => policy.Rules(direction)).SelectMany(rule => rule.Peers)
                .Any(peer => peer is Peer.Endpoints { Selector.Tenants: TenantScope.Same or TenantScope.Other });
        return new PolicyRulesId(seenFromTenant ? $"{policy.Id}@{tenant}" : policy.Id.ToString());
    }

    /// <summary>Rules of a direction that the policy does not have are left out, and so are their groups.</summary>
    public static ResourceHead.PolicyRules Compile(Policy policy, TenantName tenant)
    {
        var compiler = new RuleCompiler(tenant);
        var ingress = compiler.Compile(policy, Direction.Ingress);
        var egress = compiler.Compile(policy, Direction.Egress);
        var sorted = compiler._groups.OrderBy(g => g.Key.Value, StringComparer.Ordinal).Select(g => g.Value);
        return new ResourceHead.PolicyRules(policy.Id, ingress, egress, policy.Revocation, [.. sorted]);
    }

    private ImmutableArray<CompiledRule> Compile(Policy policy, Direction direction) =>
    [
        .. from rule in policy.Directions.Contains(direction) ? policy.Rules(direction) : []
           select new CompiledRule(rule.Name, rule.Action, MatchesOf(rule, direction), rule.Log),
    ];

    private ImmutableArray<CompiledMatch> MatchesOf(Rule rule, Direction direction)
    {
        // On ingress the destination is the selected endpoint, whose named ports its profile knows.
        if (direction == Direction.Ingress || !rule.Services.Any(s => s.Ports.Any(p => p is PortMatch.Named)))
        {
            return [new CompiledMatch(PeersOf(rule.Peers), rule.Services)];
        }

        var numbered = rule.Services.Select(WithoutNames).OfType<Service>().ToImmutableArray();
        var matches = ImmutableArray.CreateBuilder<CompiledMatch>();
        if (!numbered.IsEmpty)
        {
            matches.Add(new CompiledMatch(PeersOf(rule.Peers), numbered));
        }

        foreach (var port in rule.Services.SelectMany(NamesOf).Distinct())
        {
            matches.AddRange(MatchesOf(port, rule.Peers));
        }

        return matches.DrainToImmutable();
    }

    /// <summary>
    /// An endpoints peer and the port become one group of (address, protocol, port): so of two endpoints that give the name different
    /// numbers each is reached at its own. All other peers are addresses, and whoever among all tenants has such an address and the name is
    /// reached.
    /// </summary>
    private IEnumerable<CompiledMatch> MatchesOf(PortName port, ImmutableArray<Peer> peers)
    {
        foreach (var peer in peers.OfType<Peer.Endpoints>())
        {
            var scope = ResolvedScope.Of(peer.Selector.Tenants, _tenant);
            var destinations = new GroupDefinition.OfEndpoints(scope, new EndpointPart(peer.Selector.Query, port));
            yield return new CompiledMatch([], [], Define(destinations));
        }

        ImmutableArray<Peer> others = [.. peers.Where(p => p is not Peer.Endpoints)];
        if (peers.IsEmpty || !others.IsEmpty)
        {
            var everywhere = new EndpointPart(new EndpointQuery(Selector.All), port);
            var destinations = new GroupDefinition.OfEndpoints(new ResolvedScope.Matching(Selector.All), everywhere);
            yield return new CompiledMatch(PeersOf(others), [], Define(destinations));
        }
    }

    /// <summary>Null when the service asks for nothing but names. A service that asks for any port stays as it is.</summary>
    private static Service? WithoutNames(Service service)
    {
        ImmutableArray<PortMatch> numbers = [.. service.Ports.Where(p => p is PortMatch.Numbers)];
        return service.Ports.IsEmpty ? service : numbers.IsEmpty ? null : service with { Ports = numbers };
    }

    /// <summary>A name for any protocol is one for each that has ports.</summary>
    private static IEnumerable<PortName> NamesOf(Service service) =>
        from named in service.Ports.OfType<PortMatch.Named>()
        from protocol in service.Protocol is { } only ? [only] : new[] { IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp }
        select new PortName(named.Name, protocol);

    private ImmutableArray<CompiledPeer> PeersOf(ImmutableArray<Peer> peers) => [.. peers.Select(Compile)];

    private CompiledPeer Compile(Peer peer) => peer switch
    {
        Peer.Any => CompiledPeer.Any.Instance,
        Peer.Endpoints(var selector) => Group(
            new GroupDefinition.OfEndpoints(ResolvedScope.Of(selector.Tenants, _tenant), new EndpointPart(selector.Query))),
        Peer.Block(var cidr, var except) => new CompiledPeer.Block(cidr, except),
        Peer.Set(var name) => Group(new GroupDefinition.OfNetworkSet(name)),
        Peer.LocalNode => CompiledPeer.LocalNode.Instance,
        Peer.Nodes(var selector) => Group(new GroupDefinition.OfNodes(selector)),
        _ => throw new InvalidOperationException($"unknown peer {peer}"),
    };

    private CompiledPeer.Group Group(GroupDefinition definition) => new(Define(definition));

    private GroupId Define(GroupDefinition definition)
    {
        var id = definition.Id;
        _groups.TryAdd(id, definition);
        return id;
    }
}
