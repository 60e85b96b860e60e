using System.Collections.Immutable;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Testing.Compiled;

/// <summary>
/// Judges flows by nothing but what nodes are sent: bindings, profiles, policy rules, groups, and each node's own addresses. It shares no
/// code with the compiler nor with the definition, so that it finds what either forgets.
/// </summary>
public sealed class Interpreter
{
    private readonly Dictionary<Address, (NodeName Node, ResourceEntry.BoundEndpoint Endpoint)> _bound = [];
    private readonly Dictionary<ProfileId, Resource> _profiles = [];
    private readonly Dictionary<PolicyRulesId, ResourceHead.PolicyRules> _rules = [];
    private readonly GroupMembers _groups;
    private readonly ClusterState _state;

    /// <exception cref="InvalidOperationException">What is sent is not closed, or contradicts itself.</exception>
    public Interpreter(CompiledCluster cluster)
    {
        _state = cluster.State;
        _groups = new GroupMembers(cluster);
        foreach (var resource in cluster.Tenants.Values.SelectMany(t => t.Held.Values).Concat(cluster.OfNodes))
        {
            Add(resource);
        }
    }

    /// <summary>Whether the flow gets through: nobody that judges it denies it.</summary>
    public bool Allows(Flow flow) => Egress(flow) is not false && Ingress(flow) is not false;

    /// <summary>Whether the source's node lets the flow out; null when no node is told of the source.</summary>
    public bool? Egress(Flow flow, bool stagedToo = false) => Judge(flow.Source, flow.Destination, flow, Direction.Egress, stagedToo);

    /// <summary>Whether the destination's node lets the flow in; null when no node is told of the destination.</summary>
    public bool? Ingress(Flow flow, bool stagedToo = false) => Judge(flow.Destination, flow.Source, flow, Direction.Ingress, stagedToo);

    private void Add(Resource resource)
    {
        switch (resource.Key.Kind)
        {
            case ResourceKind.Binding:
                foreach (var endpoint in resource.Entries.Cast<ResourceEntry.BoundEndpoint>())
                {
                    foreach (var address in endpoint.Addresses)
                    {
                        _bound.Add(address, (new NodeName(resource.Key.Name), endpoint));
                    }
                }

                break;
            case ResourceKind.Profile:
                _profiles.Add(new ProfileId(resource.Key.Name), resource);
                break;
            case ResourceKind.PolicyRules:
                var id = new PolicyRulesId(resource.Key.Name);
                var rules = (ResourceHead.PolicyRules)resource.Head;
                if (!_rules.TryAdd(id, rules) && !_rules[id].Equals(rules))
                {
                    throw new InvalidOperationException($"two tenants make different rules of {id}");
                }

                break;
        }
    }

    private bool? Judge(Address self, Address other, Flow flow, Direction direction, bool stagedToo)
    {
        if (!_bound.TryGetValue(self, out var place))
        {
            return JudgeHosts(self, other, flow, direction, stagedToo);
        }

        var own = _state.Nodes.TryGetValue(place.Node, out var node) ? node.Addresses : [];
        var solicits = self.Family == IpFamily.V6 && flow.Protocol == 58 && flow.IcmpType is 133 or 135 or 136;
        if (solicits || place.Endpoint.Addresses.Contains(other) || own.Contains(other))
        {
            return true;
        }

        var profile = _profiles.TryGetValue(place.Endpoint.Profile, out var found)
            ? found
            : throw new InvalidOperationException($"{place.Endpoint.Endpoint} has profile {place.Endpoint.Profile}, which nobody sends");
        return Judge(profile, flow, other, own, direction, stagedToo);
    }

    /// <summary>Null when the address is no node's, or no policy selects the node. Two nodes may have one address: then both must allow.</summary>
    private bool? JudgeHosts(Address self, Address other, Flow flow, Direction direction, bool stagedToo)
    {
        // An endpoint that no node is told of, as it is not placed, has its address all the same.
        var isElsewhere = _state.Endpoints.Values.Any(e => !e.HostNetwork && e.Addresses.Contains(self));
        var verdicts = HostsOf(self).Where(_ => !isElsewhere).Select(host => (Host: host, Profile: _profiles.GetValueOrDefault(new ProfileId($"nodes/{host}"))))
            .Where(h => h.Profile is not null).Select(h => Judge(h.Host, h.Profile!, other, flow, direction, stagedToo)).ToArray();
        return verdicts.Length == 0 ? null : verdicts.All(v => v);
    }

    private bool Judge(NodeName host, Resource profile, Address other, Flow flow, Direction direction, bool stagedToo)
    {
        var ofLink = other.Family == IpFamily.V6 && flow.Protocol == 58 && flow.IcmpType is 130 or 131 or 132 or 133 or 134 or 135 or 136 or 137 or 143;
        var isOwn = HostsOf(other).Contains(host) || (_bound.TryGetValue(other, out var bound) && bound.Node == host);
        return ofLink || isOwn || Judge(profile, flow, other, [], direction, stagedToo);
    }

    private NodeName[] HostsOf(Address address) =>
    [
        .. _state.Nodes.Values.Where(n => n.Addresses.Contains(address)).Select(n => n.Name)
            .Concat(_state.Endpoints.Values.Where(e => e.HostNetwork && e.Addresses.Contains(address)).Select(e => e.Node).OfType<NodeName>())
            .Distinct(),
    ];

    private bool Judge(Resource profile, Flow flow, Address other, ImmutableArray<Address> own, Direction direction, bool stagedToo)
    {
        var head = (ResourceHead.Profile)profile.Head;
        var packet = new PacketAtNode(flow, other, own, direction == Direction.Ingress ? head.NamedPorts : [], _groups);
        var inForce = profile.Entries.Cast<ResourceEntry.PolicyInForce>()
            .Where(p => p.Direction == direction && (stagedToo || !p.Staged))
            .OrderBy(p => p.Priority).ThenBy(p => p.Policy.Name, StringComparer.Ordinal)
            .Select(p => (p.Tier, Rules: RulesOf(p.Rules, direction)))
            .ToArray();

        var admin = Ordered(inForce.Where(p => p.Tier == Tier.Admin).SelectMany(p => p.Rules), packet);
        if (admin is { } decided)
        {
            return decided;
        }

        var isolating = inForce.Where(p => p.Tier == Tier.Tenant).ToArray();
        if (isolating.Length > 0)
        {
            return isolating.SelectMany(p => p.Rules).Any(packet.Matches);
        }

        var posture = direction == Direction.Ingress ? head.DefaultIngress : head.DefaultEgress;
        return Ordered(inForce.Where(p => p.Tier == Tier.Baseline).SelectMany(p => p.Rules), packet) ?? posture == Posture.Allow;
    }

    private ImmutableArray<CompiledRule> RulesOf(PolicyRulesId id, Direction direction)
    {
        var rules = _rules.TryGetValue(id, out var found)
            ? found
            : throw new InvalidOperationException($"a profile names the rules {id}, which nobody sends");
        return direction == Direction.Ingress ? rules.Ingress : rules.Egress;
    }

    /// <summary>Null: no rule matches, or the first that does passes.</summary>
    private static bool? Ordered(IEnumerable<CompiledRule> rules, PacketAtNode packet) =>
        rules.FirstOrDefault(packet.Matches)?.Action switch
        {
            RuleAction.Allow => true,
            RuleAction.Deny => false,
            _ => null,
        };
}
