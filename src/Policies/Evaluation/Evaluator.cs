using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Policies.Evaluation;

/// <summary>
/// The definition: what becomes of a flow, given all objects. Everything that is faster answers to it. It judges first packets: connection tracking
/// comes before it, and so does anti-spoofing, hence a source address is that of the endpoint that owns it.
/// </summary>
/// <remarks>
/// An address belongs to the endpoint that has it and is not hostNetwork. hostNetwork endpoints and all other addresses are unmanaged: nothing is
/// judged at them, and no label selector picks them. An endpoint that is not placed on a node is judged like any other, though nobody enforces it. A
/// tenant without an object has no labels and allows by default; a segment, node or network set without an object picks nothing, but an endpoint is
/// a member of its home segment in any case.
/// </remarks>
public sealed class Evaluator
{
    private readonly ClusterState _state;
    private readonly NodeMode _nodeMode;
    private readonly AddressOwners _owners;
    private readonly RuleMatching _matching;
    private readonly ImmutableArray<Policy> _policies;

    /// <param name="state">All objects.</param>
    /// <exception cref="ArgumentException">Two endpoints that are not hostNetwork have the same address.</exception>
    public Evaluator(ClusterState state, NodeMode nodeMode = NodeMode.Exempt)
    {
        _state = state;
        _nodeMode = nodeMode;
        _owners = new AddressOwners(state);
        _matching = new RuleMatching(state, _owners);
        _policies = [.. InOrder(state.Policies.Values)];
    }

    public Verdict Evaluate(Flow flow) => Explain(flow).Verdict;

    /// <summary>The verdict, with every policy considered and what it had to say.</summary>
    public Explanation Explain(Flow flow)
    {
        var (egress, consideredForEgress) = Judge(flow, Direction.Egress);
        var (ingress, consideredForIngress) = Judge(flow, Direction.Ingress);
        return new Explanation(new Verdict(flow, egress, ingress), consideredForEgress, consideredForIngress);
    }

    /// <summary>By tier, then by (priority, name). In the Tenant tier the order only tells which of several matching rules is named first.</summary>
    private static IEnumerable<Policy> InOrder(IEnumerable<Policy> policies) => policies
        .OrderBy(p => p.Tier)
        .ThenBy(p => p.Tier == Tier.Tenant ? 0 : p.Priority)
        .ThenBy(p => p.Id.Name, StringComparer.Ordinal)
        .ThenBy(p => p.Id);

    private (DirectionVerdict Verdict, ImmutableArray<ConsideredPolicy> Considered) Judge(Flow flow, Direction direction)
    {
        var (self, other) = direction == Direction.Egress ? (flow.Source, flow.Destination) : (flow.Destination, flow.Source);
        if (_owners.Managed(self) is not { } endpoint)
        {
            return NotJudged(direction, null, _owners.IsHostNetwork(self) ? Exemption.HostNetwork : Exemption.Unmanaged);
        }

        if (flow.IsNeighbourDiscovery)
        {
            return NotJudged(direction, endpoint, Exemption.NeighbourDiscovery);
        }

        if (_owners.Managed(other)?.Id == endpoint.Id)
        {
            return NotJudged(direction, endpoint, Exemption.SameEndpoint);
        }

        if (_nodeMode == NodeMode.Exempt && _owners.NodesWith(other).Any(n => n.Name == endpoint.Node))
        {
            return NotJudged(direction, endpoint, Exemption.OwnNode);
        }

        return Judge(new Side(direction, endpoint, other, flow));
    }

    private (DirectionVerdict Verdict, ImmutableArray<ConsideredPolicy> Considered) Judge(Side side)
    {
        var considered = _policies
            .Where(p => p.Id.Tenant is null || p.Id.Tenant == side.Endpoint.Id.Tenant)
            .Select(p => new ConsideredPolicy(p.Id, p.Tier, p.Mode, _matching.Find(p, side)))
            .ToImmutableArray();
        var inForce = considered.Where(p => p.Finding.InForce).ToArray();
        var enforced = inForce.Where(p => p.Mode == PolicyMode.Enforced).ToArray();
        var staged = inForce.Where(p => p.Mode == PolicyMode.Staged).Select(p => new StagedPolicy(p.Policy, p.Tier, p.Finding.Rule));

        return (new DirectionVerdict(side.Direction, side.Endpoint.Id, Decide(side, enforced), [.. staged], Decide(side, inForce)), considered);
    }

    private static (DirectionVerdict Verdict, ImmutableArray<ConsideredPolicy> Considered) NotJudged(
        Direction direction, Endpoint? endpoint, Exemption why)
    {
        var decision = new Decision.NotJudged(why);
        return (new DirectionVerdict(direction, endpoint?.Id, decision, [], decision), []);
    }

    private Decision Decide(Side side, ConsideredPolicy[] inForce) =>
        ByOrder(Tier.Admin, inForce) ?? ByIsolation(inForce) ?? ByOrder(Tier.Baseline, inForce) ?? (Decision)ByDefault(side);

    /// <summary>The first rule that matches decides, unless it passes. Null: the tier does not decide.</summary>
    private static Decision.ByRule? ByOrder(Tier tier, ConsideredPolicy[] inForce)
    {
        var first = inForce.FirstOrDefault(p => p.Tier == tier && p.Finding.Rule is not null);
        return first?.Finding.Rule is { Action: not RuleAction.Pass } rule ? new Decision.ByRule(tier, first.Policy, rule) : null;
    }

    /// <summary>A policy in force isolates; then any rule of any policy allows. Null: the endpoint is not isolated.</summary>
    private static Decision? ByIsolation(ConsideredPolicy[] inForce)
    {
        var isolating = inForce.Where(p => p.Tier == Tier.Tenant).ToArray();
        if (isolating.Length == 0)
        {
            return null;
        }

        var first = isolating.FirstOrDefault(p => p.Finding.Rule is not null);
        return first?.Finding.Rule is { } rule
            ? new Decision.ByRule(Tier.Tenant, first.Policy, rule)
            : new Decision.Isolated([.. isolating.Select(p => p.Policy)]);
    }

    private Decision.ByDefault ByDefault(Side side)
    {
        var tenant = _state.Tenant(side.Endpoint.Id.Tenant);
        return new Decision.ByDefault(side.Direction == Direction.Ingress ? tenant.DefaultIngress : tenant.DefaultEgress);
    }
}
