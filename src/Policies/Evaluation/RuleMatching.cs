using System.Collections.Immutable;
using Vallum.Policies.Model;

namespace Vallum.Policies.Evaluation;

/// <summary>Whether policies select, and whether their rules, peers and services match.</summary>
internal sealed class RuleMatching(ClusterState state, AddressOwners owners)
{
    /// <summary>What <paramref name="policy"/> has to say, whatever its tier and mode.</summary>
    public Finding Find(Policy policy, Side side)
    {
        if (!Selects(policy, side.Self))
        {
            return Finding.SubjectDoesNotSelect.Instance;
        }

        if (!policy.Directions.Contains(side.Direction))
        {
            return Finding.DirectionNotCovered.Instance;
        }

        var missed = ImmutableArray.CreateBuilder<RuleMiss>();
        foreach (var (index, rule) in policy.Rules(side.Direction).Index())
        {
            var peer = First(rule.Peers, p => Matches(p, side));
            if (rule.Peers.Length > 0 && peer is null)
            {
                missed.Add(new RuleMiss(index, rule.Name, MissReason.NoPeer));
                continue;
            }

            var service = First(rule.Services, s => Matches(s, side.Flow));
            if (rule.Services.Length > 0 && service is null)
            {
                missed.Add(new RuleMiss(index, rule.Name, MissReason.NoService, peer));
                continue;
            }

            return new Finding.Matches(new RuleMatch(index, rule.Name, rule.Action, peer, service), missed.ToImmutable());
        }

        return new Finding.NoRuleMatches(missed.ToImmutable());
    }

    /// <summary>
    /// A tenant's policy selects endpoints of that tenant only. In a subject the tenants are seen from the candidate's own: "same" is
    /// always true, "other" never; labels and names are as written. A policy without subjects selects nothing.
    /// </summary>
    private bool Selects(Policy policy, Judged self) => self switch
    {
        Judged.AnEndpoint(var endpoint) =>
            (policy.Id.Tenant is null || policy.Id.Tenant == endpoint.Id.Tenant) &&
            policy.Subject.Any(s => Picks(s, seenFrom: endpoint.Id.Tenant, endpoint)),
        Judged.ANode(var node) => policy.Id.Tenant is null && policy.Nodes.Any(s => s.Matches(node.Labels)),
        _ => throw new InvalidOperationException($"unknown subject {self}"),
    };

    private bool Matches(Peer peer, Side side) => peer switch
    {
        Peer.Any => true,
        Peer.Endpoints p => owners.Managed(side.Other) is { } other && Picks(p.Selector, seenFrom: side.Self.Tenant, other),
        Peer.Block p => p.Cidr.Contains(side.Other) && !p.Except.Any(e => e.Contains(side.Other)),
        Peer.Set p => state.NetworkSets.TryGetValue(p.Name, out var set) && set.Cidrs.Any(c => c.Contains(side.Other)),
        Peer.LocalNode => owners.NodesWith(side.Other).Any(n => n.Name == side.Self.Place),
        Peer.Nodes p => owners.NodesWith(side.Other).Any(n => p.Selector.Matches(n.Labels)),
        _ => throw new InvalidOperationException($"unknown peer {peer}"),
    };

    private bool Matches(Service service, Flow flow) =>
        (service.Protocol is null || service.Protocol == flow.Protocol) &&
        (service.Ports.IsEmpty || service.Ports.Any(p => Matches(p, flow))) &&
        (service.IcmpType is null || service.IcmpType == flow.IcmpType) &&
        (service.IcmpCode is null || service.IcmpCode == flow.IcmpCode);

    /// <summary>
    /// A name is resolved by the managed endpoint that has the destination address: for ingress the selected endpoint, for egress the
    /// other side, whatever kind of peer it matched as. Outside addresses, nodes and hostNetwork endpoints have no names.
    /// </summary>
    private bool Matches(PortMatch match, Flow flow) => match switch
    {
        PortMatch.Numbers m => flow.DestinationPort is { } port && m.Range.Contains(port),
        PortMatch.Named m => owners.Managed(flow.Destination) is { } destination &&
            destination.NamedPorts.Any(p => p.Name == m.Name && p.Protocol == flow.Protocol && p.Port == flow.DestinationPort),
        _ => throw new InvalidOperationException($"unknown port match {match}"),
    };

    /// <param name="seenFrom">Null: from no tenant, to which none is the same or another.</param>
    private bool Picks(EndpointSelector selector, TenantName? seenFrom, Endpoint endpoint) =>
        selector.Query.Selector.Matches(endpoint.Labels) &&
        (selector.Query.Segments.IsEmpty || selector.Query.Segments.Any(s => IsMember(endpoint, s))) &&
        (seenFrom is not null || selector.Tenants is not (TenantScope.Same or TenantScope.Other)) &&
        selector.Tenants.Includes(seenFrom ?? default, state.Tenant(endpoint.Id.Tenant));

    /// <summary>By home, whether the segment's object is there or not, or because the segment of the own tenant picks it.</summary>
    private bool IsMember(Endpoint endpoint, SegmentName name) =>
        endpoint.Segment == name ||
        (state.Segments.TryGetValue((endpoint.Id.Tenant, name), out var segment) && segment.Picks?.Matches(endpoint.Labels) == true);

    /// <summary>The index of the first item that matches, or null.</summary>
    private static int? First<T>(ImmutableArray<T> items, Func<T, bool> matches)
    {
        foreach (var (index, item) in items.Index())
        {
            if (matches(item))
            {
                return index;
            }
        }

        return null;
    }
}
