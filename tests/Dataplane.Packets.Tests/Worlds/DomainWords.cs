using Vallum.Policies.Resources;
using Domain = Vallum.Policies.Model;
using Node = Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Packets.Tests.Worlds;

/// <summary>Compiled resources in the words of the data plane, without the wire between.</summary>
internal static class DomainWords
{
    public static Node.Profile ProfileOf(Resource resource)
    {
        var head = (ResourceHead.Profile)resource.Head;
        return new Node.Profile(
            [.. head.NamedPorts.Select(p => new Node.NamedPort(p.Name, p.Protocol, p.Port))],
            head.DefaultIngress == Domain.Posture.Allow,
            head.DefaultEgress == Domain.Posture.Allow,
            [
                .. resource.Entries.Cast<ResourceEntry.PolicyInForce>()
                    .OrderBy(e => e.Policy).ThenBy(e => e.Direction).ThenBy(e => e.Tier).ThenBy(e => e.Staged)
                    .Select(InForce),
            ]);
    }

    public static Node.PolicyRules RulesOf(ResourceHead.PolicyRules head) => new(
        head.Policy.ToString(), [.. head.Ingress.Select(Rule)], [.. head.Egress.Select(Rule)], head.Revocation == Domain.Revocation.Cut);

    private static Node.PolicyInForce InForce(ResourceEntry.PolicyInForce entry) => new(
        entry.Direction == Domain.Direction.Ingress ? Node.Direction.Ingress : Node.Direction.Egress,
        entry.Tier switch
        {
            Domain.Tier.Admin => Node.Tier.Admin,
            Domain.Tier.Tenant => Node.Tier.Tenant,
            _ => Node.Tier.Baseline,
        },
        entry.Priority,
        entry.Policy.ToString(),
        entry.Rules.Value,
        entry.Staged);

    private static Node.Rule Rule(CompiledRule rule) => new(
        rule.Name,
        rule.Action switch
        {
            Domain.RuleAction.Allow => Node.RuleAction.Allow,
            Domain.RuleAction.Deny => Node.RuleAction.Deny,
            _ => Node.RuleAction.Pass,
        },
        [.. rule.Matches.Select(m => new Node.Match([.. m.Peers.Select(Peer)], [.. m.Services.Select(Service)], m.DestinationPorts?.Value))],
        rule.Log);

    private static Node.Peer Peer(CompiledPeer peer) => peer switch
    {
        CompiledPeer.Any => Node.Peer.Any.Instance,
        CompiledPeer.Group group => new Node.Peer.Group(group.Id.Value),
        CompiledPeer.Block block => new Node.Peer.Block(block.Cidr, block.Except),
        CompiledPeer.LocalNode => Node.Peer.LocalNode.Instance,
        _ => throw new InvalidOperationException($"unknown peer {peer}"),
    };

    private static Node.Service Service(Domain.Service service) => new(
        service.Protocol,
        [.. service.Ports.OfType<Domain.PortMatch.Numbers>().Select(p => p.Range)],
        [.. service.Ports.OfType<Domain.PortMatch.Named>().Select(p => p.Name)],
        service.IcmpType,
        service.IcmpCode);
}
