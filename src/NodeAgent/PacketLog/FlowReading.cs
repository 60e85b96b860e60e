using Vallum.Dataplane.Judging;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.NodeAgent.PacketLog;

/// <summary>
/// Makes events of packets: says which policy decided, by the state that is enforced now. A packet of a moment before a change may be read by the
/// state after it; the reason says so where the two contradict. One caller at a time.
/// </summary>
internal sealed class FlowReading(Func<NodeState> enforced, Func<uint, string?> interfaceName, TimeProvider time)
{
    /// <summary>The prefix of what is dropped; any other is "policy/rule" of a rule that logs.</summary>
    private const string DeniedPrefix = "vallum-deny";

    private static readonly SideDecision NotNode = new SideDecision.NotJudged(Exemption.NoEndpoint);

    private Judge _judge = new(NodeState.Empty);

    public FlowEvent Read(LoggedPacket packet)
    {
        var state = enforced();
        if (!ReferenceEquals(state, _judge.State))
        {
            _judge = new Judge(state, _judge);
        }

        var flow = packet.Flow;
        var decision = _judge.Decide(flow);
        var known = packet.Prefix == DeniedPrefix ? Denied(decision, OfNode(flow)) : Logged(packet.Prefix, decision);
        var hasPorts = IpProtocol.HasPorts(flow.Protocol);
        var isIcmp = flow.Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6;
        return known with
        {
            At = packet.At ?? time.GetUtcNow(),
            Source = flow.Source.ToString(),
            Destination = flow.Destination.ToString(),
            SourceEndpoint = _judge.EndpointOf(flow.Source),
            DestinationEndpoint = _judge.EndpointOf(flow.Destination),
            Protocol = IpProtocol.Name(flow.Protocol),
            SourcePort = hasPorts ? packet.SourcePort : null,
            DestinationPort = hasPorts ? flow.Port : null,
            IcmpType = isIcmp ? (byte)(flow.Port >> 8) : null,
            IcmpCode = isIcmp ? (byte)flow.Port : null,
            In = packet.In == 0 ? null : interfaceName(packet.In),
            Out = packet.Out == 0 ? null : interfaceName(packet.Out),
        };
    }

    /// <summary>What the node itself sends and receives has policies of its own.</summary>
    private Decision OfNode(in Flow flow) => new(
        _judge.DecideOfNode(flow, Direction.Egress) ?? NotNode, _judge.DecideOfNode(flow, Direction.Ingress) ?? NotNode);

    private static FlowEvent Denied(Decision decision, Decision ofNode) => (decision.Allowed ? ofNode : decision) switch
    {
        { Egress.Allows: false } => By("denied", "egress", decision.Egress),
        { Ingress.Allows: false } => By("denied", "ingress", decision.Ingress),
        _ => Event("denied", null, "the source is not its interface's own, or the endpoint is not known; or policies changed meanwhile"),
    };

    private static FlowEvent Logged(string prefix, Decision decision)
    {
        foreach (var (direction, side) in new[] { ("egress", decision.Egress), ("ingress", decision.Ingress) })
        {
            // The prefix is cut off and cleaned where the names were too long or strange for it.
            if (side is SideDecision.ByRule rule && $"{rule.Policy}/{rule.Rule}".StartsWith(prefix, StringComparison.Ordinal))
            {
                return By("logged", direction, side);
            }
        }

        var slash = prefix.LastIndexOf('/');
        return Event("logged", null, prefix) with { Policy = slash < 0 ? prefix : prefix[..slash], Rule = slash < 0 ? null : prefix[(slash + 1)..] };
    }

    private static FlowEvent By(string verdict, string direction, SideDecision decision) => Event(verdict, direction, decision.ToString()) with
    {
        Policy = decision switch
        {
            SideDecision.ByRule rule => rule.Policy,
            SideDecision.Isolated { Policies.Length: 1 } isolated => isolated.Policies[0],
            _ => null,
        },
        Rule = decision is SideDecision.ByRule { Rule.Length: > 0 } by ? by.Rule : null,
    };

    /// <summary>The flow is filled in by the caller.</summary>
    private static FlowEvent Event(string verdict, string? direction, string reason) => new()
    {
        At = default,
        Verdict = verdict,
        Direction = direction,
        Source = "",
        Destination = "",
        Protocol = "",
        Reason = reason,
    };
}
