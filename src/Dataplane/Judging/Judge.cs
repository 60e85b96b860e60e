using System.Collections.Immutable;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Judging;

/// <summary>
/// The verdict of a node's state on a flow, and who decides: what the chains and sets that are rendered from the state do to the flow's first packet,
/// said without them. Who may send from which interface is not asked: the source address is believed. What was looked up is kept, so ask one judge
/// again and again; one caller at a time.
/// </summary>
/// <param name="previous">A judge of a state before, which shares most with this one: what it found out about groups is used.</param>
public sealed class Judge(NodeState state, Judge? previous = null)
{
    private static readonly SideDecision NoEndpoint = new SideDecision.NotJudged(Exemption.NoEndpoint);
    private static readonly SideDecision SameEndpoint = new SideDecision.NotJudged(Exemption.SameEndpoint);
    private static readonly SideDecision OwnNode = new SideDecision.NotJudged(Exemption.OwnNode);
    private static readonly SideDecision Contested = new SideDecision.Closed("endpoints with different policies claim the address");
    private static readonly SideDecision NoProfile = new SideDecision.Closed("the endpoint's profile is not held");

    private readonly Dictionary<Address, ImmutableArray<Binding>> _claims = Claims(state);
    private readonly HeldGroups _groups = new(state.Groups, previous?._groups.WithoutPrevious());
    private readonly Dictionary<(string Profile, Direction Direction), SideJudge?> _sides = [];

    public NodeState State => state;

    public Decision Decide(in Flow flow)
    {
        var (sources, destinations) = (Claimants(flow.Source), Claimants(flow.Destination));
        return new Decision(Decide(sources, flow, Direction.Egress), Decide(destinations, flow, Direction.Ingress));
    }

    /// <summary>Whether a policy that ends what it revokes (<see cref="PolicyRules.CutRevoked"/>) has a part in this side's allowing the flow.</summary>
    public bool AllowsByCut(in Flow flow, Direction direction)
    {
        var claims = Claimants(direction == Direction.Egress ? flow.Source : flow.Destination);
        return Decide(claims, flow, direction) is not SideDecision.NotJudged && Side(claims, direction, out _)?.AllowsByCut(flow) == true;
    }

    /// <summary>The endpoint that has the address, such as "tenants/t/endpoints/web"; null where none or several of this node have it.</summary>
    public string? EndpointOf(Address address) => Claimants(address) is { IsDefault: false, Length: 1 } claims ? claims[0].Endpoint : null;

    private SideDecision Decide(ImmutableArray<Binding> claims, in Flow flow, Direction direction)
    {
        if (claims.IsDefault)
        {
            return NoEndpoint;
        }

        var other = Other(flow, direction);
        return state.NodeAddresses.Contains(other) ? OwnNode
            : flow.Source == flow.Destination || (claims.Length == 1 && claims[0].Addresses.Contains(other)) ? SameEndpoint
            : Side(claims, direction, out var closed)?.Decide(flow) ?? closed;
    }

    private static Address Other(in Flow flow, Direction direction) => direction == Direction.Egress ? flow.Destination : flow.Source;

    private SideJudge? Side(ImmutableArray<Binding> claims, Direction direction, out SideDecision closed)
    {
        closed = Contested;
        var profile = claims[0].Profile;
        for (var i = 1; i < claims.Length; i++)
        {
            if (claims[i].Profile != profile)
            {
                return null;
            }
        }

        closed = NoProfile;
        if (!_sides.TryGetValue((profile, direction), out var side))
        {
            side = state.Profiles.TryGetValue(profile, out var held) ? new SideJudge(state, _groups, held, direction) : null;
            _sides.Add((profile, direction), side);
        }

        return side;
    }

    /// <summary>Default where no endpoint of the node has the address.</summary>
    private ImmutableArray<Binding> Claimants(Address address) => _claims.GetValueOrDefault(address);

    private static Dictionary<Address, ImmutableArray<Binding>> Claims(NodeState state)
    {
        var claims = new Dictionary<Address, ImmutableArray<Binding>>();
        foreach (var binding in state.Bindings)
        {
            foreach (var address in binding.Addresses)
            {
                var there = claims.GetValueOrDefault(address);
                if (there.IsDefault || !there.Contains(binding))
                {
                    claims[address] = there.IsDefault ? [binding] : there.Add(binding);
                }
            }
        }

        return claims;
    }
}
