using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Evaluation;

/// <summary>
/// The definition: what becomes of a flow, given all objects. Everything that is faster answers to it. It judges first packets: connection
/// tracking comes before it, and so does anti-spoofing, hence a source address is that of the endpoint that owns it.
/// </summary>
/// <remarks>
/// An address belongs to the endpoint that has it and is not hostNetwork. hostNetwork endpoints and all other addresses are unmanaged: no label
/// selector picks them, and nothing is judged at them unless they are the addresses of a node that an operator's policy selects: then what the node
/// receives and sends is judged by the policies about nodes. (DHCP with the node is not judged either, which a flow's source port would tell, and
/// what an agent's failsafe lets through is the agent's own matter.) An endpoint that is not placed on a node is judged like any other, though
/// nobody enforces it. A tenant without an object has no labels and allows by default; a segment, node or network set without an object
/// picks nothing, but an endpoint is a member of its home segment in any case.
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

    public Verdict Evaluate(Flow flow) => new(flow, Judge(flow, Direction.Egress).Verdict, Judge(flow, Direction.Ingress).Verdict);

    /// <summary>The verdict, with every policy considered and what it had to say.</summary>
    public Explanation Explain(Flow flow)
    {
        var (egress, consideredForEgress) = Judge(flow, Direction.Egress);
        var (ingress, consideredForIngress) = Judge(flow, Direction.Ingress);
        return new Explanation(new Verdict(flow, egress, ingress), [.. consideredForEgress], [.. consideredForIngress]);
    }

    /// <summary>
    /// By tier, then by (priority, name). In the Tenant tier the order only tells which of several matching rules is named first.
    /// </summary>
    private static IEnumerable<Policy> InOrder(IEnumerable<Policy> policies) => policies
        .OrderBy(p => p.Tier)
        .ThenBy(p => p.Tier == Tier.Tenant ? 0 : p.Priority)
        .ThenBy(p => p.Id.Name, StringComparer.Ordinal)
        .ThenBy(p => p.Id);

    private (DirectionVerdict Verdict, IEnumerable<ConsideredPolicy> Considered) Judge(Flow flow, Direction direction)
    {
        var (self, other) = direction == Direction.Egress ? (flow.Source, flow.Destination) : (flow.Destination, flow.Source);
        if (_owners.Managed(self) is { } endpoint)
        {
            return Judge(endpoint, other, flow, direction);
        }

        // Two nodes may list one address, and which of them it leads to is not for policies to know: then both must allow.
        var verdicts = _owners.Hosts(self).Where(IsSelected).Select(node => Judge(node, other, flow, direction)).ToArray();
        return verdicts.Length == 0
            ? NotJudged(direction, null, _owners.IsHostNetwork(self) ? Exemption.HostNetwork : Exemption.Unmanaged)
            : verdicts.OrderBy(v => v.Verdict.Allowed).First();
    }

    private bool IsSelected(Node node) => _policies.Any(p => p.Id.Tenant is null && p.Nodes.Any(s => s.Matches(node.Labels)));

    private (DirectionVerdict Verdict, IEnumerable<ConsideredPolicy> Considered) Judge(Endpoint endpoint, Address other, Flow flow, Direction direction)
    {
        var self = new Judged.AnEndpoint(endpoint);
        if (flow.IsNeighbourDiscovery)
        {
            return NotJudged(direction, self, Exemption.NeighbourDiscovery);
        }

        if (_owners.Managed(other)?.Id == endpoint.Id)
        {
            return NotJudged(direction, self, Exemption.SameEndpoint);
        }

        if (_nodeMode == NodeMode.Exempt && _owners.NodesWith(other).Any(n => n.Name == endpoint.Node))
        {
            return NotJudged(direction, self, Exemption.OwnNode);
        }

        return Judge(new Side(direction, self, other, flow));
    }

    private (DirectionVerdict Verdict, IEnumerable<ConsideredPolicy> Considered) Judge(Node node, Address other, Flow flow, Direction direction)
    {
        var self = new Judged.ANode(node);
        if (flow.IsLinkUpkeep)
        {
            return NotJudged(direction, self, Exemption.NeighbourDiscovery);
        }

        if (_owners.Hosts(other).Any(n => n.Name == node.Name))
        {
            return NotJudged(direction, self, Exemption.SameNode);
        }

        if (_nodeMode == NodeMode.Exempt && _owners.Managed(other)?.Node == node.Name)
        {
            return NotJudged(direction, self, Exemption.OwnEndpoint);
        }

        return Judge(new Side(direction, self, other, flow));
    }

    private (DirectionVerdict Verdict, IEnumerable<ConsideredPolicy> Considered) Judge(Side side)
    {
        var considered = _policies
            .Where(p => p.Id.Tenant is null || p.Id.Tenant == side.Self.Tenant)
            .Select(p => new ConsideredPolicy(p.Id, p.Tier, p.Mode, _matching.Find(p, side)));
        var inForce = considered.Where(p => p.Finding.InForce).ToArray();
        var enforced = inForce.Where(p => p.Mode == PolicyMode.Enforced).ToArray();
        var staged = inForce.Where(p => p.Mode == PolicyMode.Staged).Select(p => new StagedPolicy(p.Policy, p.Tier, p.Finding.Rule));
        return (Verdict(side.Direction, side.Self, Decide(side, enforced), [.. staged], Decide(side, inForce)), considered);
    }

    private static (DirectionVerdict Verdict, IEnumerable<ConsideredPolicy> Considered) NotJudged(Direction direction, Judged? self, Exemption why)
    {
        var decision = new Decision.NotJudged(why);
        return (Verdict(direction, self, decision, [], decision), []);
    }

    private static DirectionVerdict Verdict(
        Direction direction, Judged? self, Decision decision, ImmutableArray<StagedPolicy> staged, Decision wouldHave) =>
        new(direction, (self as Judged.AnEndpoint)?.Endpoint.Id, decision, staged, wouldHave, (self as Judged.ANode)?.Node.Name);

    private Decision Decide(Side side, ConsideredPolicy[] inForce) =>
        ByOrder(Tier.Admin, inForce) ?? ByIsolation(inForce) ?? ByOrder(Tier.Baseline, inForce) ?? ByDefault(side);

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

    private Decision ByDefault(Side side)
    {
        if (side.Self.Tenant is not { } name)
        {
            return Decision.OpenNode.Instance;
        }

        var tenant = _state.Tenant(name);
        return new Decision.ByDefault(side.Direction == Direction.Ingress ? tenant.DefaultIngress : tenant.DefaultEgress);
    }
}
