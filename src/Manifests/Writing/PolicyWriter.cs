using Vallum.Policies.Model;
using Vallum.Primitives;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Writing;

internal static class PolicyWriter
{
    public static Api.Policy Write(Policy policy)
    {
        var spec = new Api.PolicySpec
        {
            Tier = policy.Tier switch
            {
                Tier.Admin => Api.Tier.Admin,
                Tier.Tenant => Api.Tier.Tenant,
                Tier.Baseline => Api.Tier.Baseline,
                _ => throw new InvalidOperationException($"unknown tier {policy.Tier}"),
            },
            Priority = policy.Priority,
            Mode = policy.Mode == PolicyMode.Staged ? Api.PolicyMode.Staged : Api.PolicyMode.Enforced,
            Revocation = policy.Revocation == Revocation.Cut ? Api.Revocation.Cut : Api.Revocation.Keep,
        };
        spec.Subject.AddRange(policy.Subject.Select(s => SelectorWriter.Subject(SelectorWriter.Endpoints(s))));
        spec.Subject.AddRange(policy.Nodes.Select(n => new Api.PolicySubject { Nodes = new Api.NodeSelector { Selector = SelectorWriter.Labels(n) } }));
        spec.Directions.AddRange(policy.Directions.Select(d => d == Direction.Ingress ? Api.Direction.Ingress : Api.Direction.Egress));
        spec.Ingress.AddRange(policy.Ingress.Select(Write));
        spec.Egress.AddRange(policy.Egress.Select(Write));
        return new Api.Policy { Name = policy.Id.ToString(), Spec = spec };
    }

    private static Api.Rule Write(Rule rule)
    {
        var message = new Api.Rule
        {
            Name = rule.Name,
            Action = rule.Action switch
            {
                RuleAction.Allow => Api.RuleAction.Allow,
                RuleAction.Deny => Api.RuleAction.Deny,
                RuleAction.Pass => Api.RuleAction.Pass,
                _ => throw new InvalidOperationException($"unknown action {rule.Action}"),
            },
            Log = rule.Log,
        };
        message.Peers.AddRange(rule.Peers.Select(Write));
        message.Services.AddRange(rule.Services.Select(Write));
        return message;
    }

    private static Api.Peer Write(Peer peer) => peer switch
    {
        Peer.Any => new() { Any = new Api.AnyPeer() },
        Peer.Endpoints endpoints => new() { Endpoints = SelectorWriter.Endpoints(endpoints.Selector) },
        Peer.Block block => new() { IpBlock = Write(block) },
        Peer.Set set => new() { NetworkSet = set.Name.Value },
        Peer.LocalNode => new() { Nodes = new Api.NodePeer { Local = true } },
        Peer.Nodes nodes => new() { Nodes = new Api.NodePeer { Selector = SelectorWriter.Labels(nodes.Selector) } },
        _ => throw new InvalidOperationException($"unknown peer {peer}"),
    };

    private static Api.IpBlock Write(Peer.Block block)
    {
        var message = new Api.IpBlock { Cidr = block.Cidr.ToString() };
        message.Except.AddRange(block.Except.Select(e => e.ToString()));
        return message;
    }

    private static Api.Service Write(Service service)
    {
        var message = new Api.Service { Protocol = service.Protocol is { } protocol ? IpProtocol.Name(protocol) : "any" };
        message.Ports.AddRange(service.Ports.Select(port => port switch
        {
            PortMatch.Numbers numbers => numbers.Range.ToString(),
            PortMatch.Named named => named.Name,
            _ => throw new InvalidOperationException($"unknown port {port}"),
        }));
        if (service.IcmpType is { } type)
        {
            message.IcmpType = type;
        }

        if (service.IcmpCode is { } code)
        {
            message.IcmpCode = code;
        }

        return message;
    }
}
