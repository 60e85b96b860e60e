using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>What a match asks of a flow. <paramref name="DestinationPorts"/>: a group whose (address, protocol, port) the destination is to be.</summary>
internal sealed record AskedMatch(AskedPeers Peers, ImmutableArray<AskedService> Services, string? DestinationPorts)
{
    /// <summary>How many rules it takes, unmerged.</summary>
    public int RuleCount => Peers.RuleCount * Services.Sum(s => s.RuleCount);

    /// <summary>
    /// False: the match stays a rule of its own. A set is asked for one side's address and one port, so the ports of a group fit only where they are all
    /// that is asked, and where the destination is the other side.
    /// </summary>
    public bool FitsASet(Direction direction) =>
        DestinationPorts is null || (direction == Direction.Egress && Peers.Everything && Services is [{ Protocol: null }]);
}

internal enum Outcome
{
    Allow,
    Deny,
    Pass,

    /// <summary>Staged: counts, and the packet goes on.</summary>
    Count,
}

/// <summary>
/// A rule of a policy as one family, direction and profile read it. <paramref name="Closed"/>: it denies everything. <paramref name="Index"/>: its place
/// in the policy.
/// </summary>
internal sealed record AskedRule(PolicyInForce Policy, Rule Rule, int Index, Outcome Outcome, ImmutableArray<AskedMatch> Matches, bool Closed = false)
{
    public bool Log => Rule.Log && Outcome != Outcome.Count;

    public RuleOrigin Origin(Direction direction) => new(Policy.Policy, Rule.Name, direction, Policy.Tier, Policy.Staged);

    public bool Merges(AskedMatch match, Direction direction) => !Log && match.FitsASet(direction);
}

/// <summary>
/// Reads policies for one direction of a profile. What this agent cannot read is read closed: it makes an Allow match less, and a rule that denies or
/// passes, or whose action is unknown, deny everything.
/// </summary>
internal sealed class PolicyReading(IpFamily family, Direction direction, NodeState state, ImmutableArray<NamedPort> named)
{
    private static readonly ImmutableArray<AskedService> AnyService = [AskedService.Any];

    public NodeState State => state;

    /// <summary>In written order, those that match nothing left out.</summary>
    public List<AskedRule> Rules(PolicyInForce policy, PolicyRules? rules)
    {
        var asked = new List<AskedRule>(1);
        if (rules is null)
        {
            return asked;
        }

        var written = direction == Direction.Ingress ? rules.Ingress : rules.Egress;
        for (var i = 0; i < written.Length; i++)
        {
            var rule = written[i];
            if (!policy.Staged && policy.Tier == Tier.Tenant && rule.Action != RuleAction.Allow)
            {
                // The Tenant tier knows Allow only, and what no rule of it allows is denied.
                continue;
            }

            if (!policy.Staged && IsClosed(rule))
            {
                asked.Add(new AskedRule(policy, rule, i, Outcome.Deny, [], Closed: true));
                break;
            }

            var matches = Matches(rule);
            if (!matches.IsEmpty)
            {
                asked.Add(new AskedRule(policy, rule, i, policy.Staged ? Outcome.Count : Of(rule.Action), matches));
            }
        }

        return asked;
    }

    private static Outcome Of(RuleAction action) => action switch
    {
        RuleAction.Allow => Outcome.Allow,
        RuleAction.Pass => Outcome.Pass,
        _ => Outcome.Deny,
    };

    /// <summary>True: the rule is to deny everything, because it says something unknown and is not an Allow.</summary>
    private bool IsClosed(Rule rule) => rule.Action == RuleAction.Unknown || (rule.Action != RuleAction.Allow && rule.Matches.Any(m => !IsKnown(m)));

    private ImmutableArray<AskedMatch> Matches(Rule rule)
    {
        if (rule.Matches.Length == 1)
        {
            return Read(rule.Matches[0]) is { } only ? [only] : [];
        }

        return [.. rule.Matches.Select(Read).OfType<AskedMatch>()];
    }

    private AskedMatch? Read(Match match)
    {
        if ((!match.Services.IsEmpty && !match.Services.Any(AskedService.IsKnown)) || (!match.Peers.IsEmpty && !match.Peers.Any(IsKnown)) ||
            (match.DestinationPorts is { } group && !state.Groups.ContainsKey(group)))
        {
            return null;
        }

        var peers = match.Peers.IsEmpty ? AskedPeers.Any : AskedPeers.Read(match.Peers.Where(IsKnown), family, state.NodeAddresses);
        if (peers.RuleCount == 0)
        {
            return null;
        }

        var services = match.Services.IsEmpty ? AnyService :
        [
            .. match.Services.Where(AskedService.IsKnown).Select(s => AskedService.Read(s, named, family)).OfType<AskedService>(),
        ];
        return services.IsEmpty ? null : new AskedMatch(peers, services, match.DestinationPorts);
    }

    private bool IsKnown(Match match) =>
        match.Peers.All(IsKnown) && match.Services.All(AskedService.IsKnown) &&
        (match.DestinationPorts is not { } group || state.Groups.ContainsKey(group));

    /// <summary>False for a peer that this agent cannot read, or that names a group which is not held.</summary>
    private bool IsKnown(Peer peer) => peer is not Peer.Unknown && (peer is not Peer.Group group || state.Groups.ContainsKey(group.Name));
}
