using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>Turns the rules of a policy, seen from one tenant, into what a node can evaluate: selectors become groups.</summary>
internal static class RuleCompiler
{
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
        var groups = new Dictionary<GroupId, GroupDefinition>();
        var ingress = Compile(policy, Direction.Ingress, tenant, groups);
        var egress = Compile(policy, Direction.Egress, tenant, groups);
        var sorted = groups.OrderBy(g => g.Key.Value, StringComparer.Ordinal).Select(g => g.Value);
        return new ResourceHead.PolicyRules(policy.Id, ingress, egress, policy.Revocation, [.. sorted]);
    }

    private static ImmutableArray<CompiledRule> Compile(
        Policy policy, Direction direction, TenantName tenant, Dictionary<GroupId, GroupDefinition> groups) =>
        policy.Directions.Contains(direction)
            ? [.. policy.Rules(direction).Select(rule => new CompiledRule(rule.Name, rule.Action, MatchesOf(rule, direction, tenant, groups), rule.Log))]
            : [];

    private static ImmutableArray<CompiledMatch> MatchesOf(
        Rule rule, Direction direction, TenantName tenant, Dictionary<GroupId, GroupDefinition> groups)
    {
        // On ingress the destination is the selected endpoint, whose named ports its profile knows.
        if (direction == Direction.Ingress || !rule.Services.Any(s => s.Ports.Any(p => p is PortMatch.Named)))
        {
            return [new CompiledMatch(PeersOf(rule.Peers, tenant, groups), rule.Services)];
        }

        var numbered = rule.Services.Select(WithoutNames).OfType<Service>().ToImmutableArray();
        var matches = ImmutableArray.CreateBuilder<CompiledMatch>();
        if (!numbered.IsEmpty)
        {
            matches.Add(new CompiledMatch(PeersOf(rule.Peers, tenant, groups), numbered));
        }

        foreach (var port in rule.Services.SelectMany(NamesOf).Distinct())
        {
            matches.AddRange(MatchesOf(port, rule.Peers, tenant, groups));
        }

        return matches.DrainToImmutable();
    }

    /// <summary>
    /// An endpoints peer and the port become one group of (address, protocol, port): so of two endpoints that give the name different numbers each
    /// is reached at its own. All other peers are addresses, and whoever among all tenants has such an address and the name is reached.
    /// </summary>
    private static IEnumerable<CompiledMatch> MatchesOf(
        PortName port, ImmutableArray<Peer> peers, TenantName tenant, Dictionary<GroupId, GroupDefinition> groups)
    {
        foreach (var peer in peers.OfType<Peer.Endpoints>())
        {
            var scope = ResolvedScope.Of(peer.Selector.Tenants, tenant);
            yield return new CompiledMatch([], [], Define(new GroupDefinition.OfEndpoints(scope, new EndpointPart(peer.Selector.Query, port)), groups));
        }

        ImmutableArray<Peer> others = [.. peers.Where(p => p is not Peer.Endpoints)];
        if (peers.IsEmpty || !others.IsEmpty)
        {
            var everywhere = new EndpointPart(new EndpointQuery(Selector.All), port);
            var destinations = Define(new GroupDefinition.OfEndpoints(new ResolvedScope.Matching(Selector.All), everywhere), groups);
            yield return new CompiledMatch(PeersOf(others, tenant, groups), [], destinations);
        }
    }

    /// <summary>Null when the service asks for nothing but names. A service that asks for any port stays as it is.</summary>
    private static Service? WithoutNames(Service service)
    {
        ImmutableArray<PortMatch> numbers = [.. service.Ports.Where(p => p is PortMatch.Numbers)];
        return service.Ports.IsEmpty ? service : numbers.IsEmpty ? null : service with { Ports = numbers };
    }

    /// <summary>A name without a protocol names no port of any endpoint.</summary>
    private static IEnumerable<PortName> NamesOf(Service service) => service.Protocol is { } protocol
        ? service.Ports.OfType<PortMatch.Named>().Select(named => new PortName(named.Name, protocol))
        : [];

    private static ImmutableArray<CompiledPeer> PeersOf(
        ImmutableArray<Peer> peers, TenantName tenant, Dictionary<GroupId, GroupDefinition> groups) =>
        [.. peers.Select(peer => Compile(peer, tenant, groups))];

    private static CompiledPeer Compile(Peer peer, TenantName tenant, Dictionary<GroupId, GroupDefinition> groups) => peer switch
    {
        Peer.Any => CompiledPeer.Any.Instance,
        Peer.Endpoints(var selector) => Group(
            new GroupDefinition.OfEndpoints(ResolvedScope.Of(selector.Tenants, tenant), new EndpointPart(selector.Query)), groups),
        Peer.Block(var cidr, var except) => new CompiledPeer.Block(cidr, except),
        Peer.Set(var name) => Group(new GroupDefinition.OfNetworkSet(name), groups),
        Peer.LocalNode => CompiledPeer.LocalNode.Instance,
        Peer.Nodes(var selector) => Group(new GroupDefinition.OfNodes(selector), groups),
        _ => throw new InvalidOperationException($"unknown peer {peer}"),
    };

    private static CompiledPeer.Group Group(GroupDefinition definition, Dictionary<GroupId, GroupDefinition> groups) =>
        new(Define(definition, groups));

    private static GroupId Define(GroupDefinition definition, Dictionary<GroupId, GroupDefinition> groups)
    {
        var id = definition.Id;
        groups.TryAdd(id, definition);
        return id;
    }
}
