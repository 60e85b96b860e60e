using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Revocation;

/// <summary>The sides of a flow that a group's members are looked for on.</summary>
[Flags]
internal enum GroupSides
{
    None = 0,
    Source = 1,
    Destination = 2,
}

/// <summary>
/// What the policies of the cutting profiles use groups for. A member that comes may deny flows by a Deny, or by a Pass before an Allow; one that goes
/// by an Allow, or by a Pass before a Deny. Of a profile with a cutting policy all policies count: the one that cuts may be another than the one
/// whose member went.
/// </summary>
internal sealed class GroupUses
{
    private readonly Dictionary<(string Group, bool WhenAdded, bool Ports), GroupSides> _uses = [];

    public GroupUses(CuttingProfiles before, CuttingProfiles after)
    {
        var seen = new HashSet<PolicyRules>(ReferenceEqualityComparer.Instance);
        foreach (var index in (ReadOnlySpan<CuttingProfiles>)[before, after])
        {
            foreach (var name in index.Profiles.SelectMany(p => index.State.Profiles[p].Policies).Select(p => p.Rules))
            {
                if (index.State.Rules.TryGetValue(name, out var rules) && seen.Add(rules))
                {
                    Add(rules.Ingress, GroupSides.Source);
                    Add(rules.Egress, GroupSides.Destination);
                }
            }
        }
    }

    public GroupSides Of(string group, bool whenAdded, bool ports) => _uses.GetValueOrDefault((group, whenAdded, ports));

    private void Add(IEnumerable<Rule> rules, GroupSides side)
    {
        foreach (var rule in rules)
        {
            foreach (var match in rule.Matches)
            {
                foreach (var peer in match.Peers.OfType<Peer.Group>())
                {
                    Add(rule.Action, peer.Name, false, side);
                }

                if (match.DestinationPorts is { } group)
                {
                    Add(rule.Action, group, true, GroupSides.Destination);
                }
            }
        }
    }

    private void Add(RuleAction action, string group, bool ports, GroupSides side)
    {
        foreach (var whenAdded in (ReadOnlySpan<bool>)[false, true])
        {
            if (action == RuleAction.Pass || action == (whenAdded ? RuleAction.Deny : RuleAction.Allow))
            {
                _uses[(group, whenAdded, ports)] = _uses.GetValueOrDefault((group, whenAdded, ports)) | side;
            }
        }
    }
}
