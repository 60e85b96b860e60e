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

    private readonly Dictionary<Address, Local> _locals = Locals(state);
    private readonly HeldGroups _groups = new(state.Groups, previous?._groups.WithoutPrevious());
    private readonly Dictionary<(string Profile, Direction Direction), SideJudge?> _sides = [];

    public NodeState State => state;

    public Decision Decide(in Flow flow) => new(
        Decide(_locals.GetValueOrDefault(flow.Source), flow, Direction.Egress),
        Decide(_locals.GetValueOrDefault(flow.Destination), flow, Direction.Ingress));

    /// <summary>Whether a policy that ends what it revokes (<see cref="PolicyRules.CutRevoked"/>) has a part in this side's allowing the flow.</summary>
    public bool AllowsByCut(in Flow flow, Direction direction)
    {
        var local = _locals.GetValueOrDefault(direction == Direction.Egress ? flow.Source : flow.Destination);
        return local is not null && Decide(local, flow, direction) is not SideDecision.NotJudged &&
            SideOf(local, direction)?.AllowsByCut(flow) == true;
    }

    /// <summary>
    /// What the policies about the node itself say of a flow that it sends or receives; null where none is in force, or the flow is not the node's. The
    /// ports that are never closed, and what the link needs, are not asked for.
    /// </summary>
    public SideDecision? DecideOfNode(in Flow flow, Direction direction)
    {
        var own = direction == Direction.Egress ? flow.Source : flow.Destination;
        return state.NodeProfile is { } profile && state.NodeAddresses.Contains(own) && !_locals.ContainsKey(Other(flow, direction))
            ? Side(profile, direction)?.Decide(flow) ?? NoProfile
            : null;
    }

    /// <summary>The endpoint that has the address, such as "tenants/t/endpoints/web"; null where none or several of this node have it.</summary>
    public string? EndpointOf(Address address) =>
        _locals.TryGetValue(address, out var local) && local.Claims.Count == 1 ? local.Claims[0].Endpoint : null;

    private SideDecision Decide(Local? local, in Flow flow, Direction direction)
    {
        if (local is null)
        {
            return NoEndpoint;
        }

        var other = Other(flow, direction);
        return state.NodeAddresses.Contains(other) ? OwnNode
            : flow.Source == flow.Destination || (local.Claims.Count == 1 && local.Claims[0].Addresses.Contains(other)) ? SameEndpoint
            : SideOf(local, direction)?.Decide(flow) ?? (local.Profile is null ? Contested : NoProfile);
    }

    private static Address Other(in Flow flow, Direction direction) => direction == Direction.Egress ? flow.Destination : flow.Source;

    private SideJudge? SideOf(Local local, Direction direction) => local.Profile is not { } profile ? null
        : direction == Direction.Egress ? local.Egress ??= Side(profile, direction) : local.Ingress ??= Side(profile, direction);

    private SideJudge? Side(string profile, Direction direction)
    {
        if (!_sides.TryGetValue((profile, direction), out var side))
        {
            side = state.Profiles.TryGetValue(profile, out var held) ? new SideJudge(state, _groups, held, direction) : null;
            _sides.Add((profile, direction), side);
        }

        return side;
    }

    private static Dictionary<Address, Local> Locals(NodeState state)
    {
        var locals = new Dictionary<Address, Local>();
        foreach (var binding in state.Bindings)
        {
            foreach (var address in binding.Addresses)
            {
                if (!locals.TryGetValue(address, out var local))
                {
                    locals.Add(address, local = new Local());
                }

                if (!local.Claims.Contains(binding))
                {
                    local.Claims.Add(binding);
                }
            }
        }

        return locals;
    }

    /// <summary>An address of endpoints of this node.</summary>
    private sealed class Local
    {
        public List<Binding> Claims { get; } = [];

        /// <summary>Null: endpoints with different profiles claim the address.</summary>
        public string? Profile => Claims.TrueForAll(c => c.Profile == Claims[0].Profile) ? Claims[0].Profile : null;

        public SideJudge? Egress { get; set; }

        public SideJudge? Ingress { get; set; }
    }
}
