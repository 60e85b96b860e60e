using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// A policy's rule as iptables conditions, any of which means that it matches. What this agent cannot read is read closed: it makes an Allow match
/// less, and a rule that denies or passes, or whose action is unknown, deny everything.
/// </summary>
internal sealed class RuleConditions(IpFamily family, Direction direction, NodeState state, SetShelf shelf, ImmutableArray<NamedPort> named)
{
    private readonly PeerMatch _peers = new(family, direction, state, shelf);

    /// <summary>True: the rule is to deny everything, because it says something unknown and is not an Allow.</summary>
    public bool IsClosed(Rule rule) => rule.Action == RuleAction.Unknown || (rule.Action != RuleAction.Allow && rule.Matches.Any(m => !IsKnown(m)));

    public IEnumerable<RuleText> Of(Rule rule)
    {
        var role = rule.Action == RuleAction.Deny ? SetRole.Deny : SetRole.Allow;
        return rule.Matches.SelectMany(match => Of(match, role));
    }

    private IEnumerable<RuleText> Of(Match match, SetRole role)
    {
        var peers = match.Peers.Where(_peers.IsKnown).ToImmutableArray();
        var services = match.Services.Where(ServiceMatch.IsKnown).ToImmutableArray();
        var lostAll = (peers.IsEmpty && !match.Peers.IsEmpty) || (services.IsEmpty && !match.Services.IsEmpty);
        if (lostAll || (match.DestinationPorts is { } missing && !shelf.HasGroup(missing)))
        {
            return [];
        }

        var asked = services.IsEmpty ? [RuleText.All] : services.SelectMany(s => ServiceMatch.Of(s, named, family)).ToImmutableArray();
        if (asked.IsEmpty)
        {
            return [];
        }

        var others = _peers.Of(peers, role);
        var ports = match.DestinationPorts is { } group && !others.IsEmpty ? shelf.OfGroupPorts(group, role) : null;
        return asked.SelectMany(service => others.Select(other => Join(service, other, ports)));
    }

    private static RuleText Join(RuleText service, RuleText peer, string? ports)
    {
        var rule = peer with { Protocol = service.Protocol, Matches = service.Matches.AddRange(peer.Matches) };
        return ports is null ? rule : rule.AndSet(ports, "dst,dst");
    }

    private bool IsKnown(Match match) =>
        match.Peers.All(_peers.IsKnown) && match.Services.All(ServiceMatch.IsKnown) &&
        (match.DestinationPorts is not { } group || shelf.HasGroup(group));
}
