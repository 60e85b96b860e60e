using System.Collections.Immutable;
using Vallum.Dataplane.Model;

namespace Vallum.Dataplane.Judging;

/// <summary>One direction of all endpoints with one profile: its policies in order of evaluation, with the decision of each rule made once.</summary>
internal sealed class SideJudge
{
    private readonly SideDecision? _always;
    private readonly ImmutableArray<RuleTest> _admin = [];
    private readonly ImmutableArray<RuleTest> _tenant = [];
    private readonly ImmutableArray<RuleTest> _baseline = [];
    private readonly SideDecision? _isolated;
    private readonly SideDecision _default;

    public SideJudge(NodeState state, HeldGroups groups, Profile profile, Direction direction)
    {
        var policies = InForce(profile, direction);
        _default = new SideDecision.ByDefault(direction == Direction.Ingress ? profile.AllowsIngressByDefault : profile.AllowsEgressByDefault);
        var unknown = policies.FirstOrDefault(p => p.Tier == Tier.Unknown || p.Direction == Direction.Unknown || !state.Rules.ContainsKey(p.Rules));
        if (unknown is not null)
        {
            _always = new SideDecision.Closed(state.Rules.ContainsKey(unknown.Rules)
                ? $"{unknown.Policy} is of a tier or direction that is not known"
                : $"the rules of {unknown.Policy} are not held");
            return;
        }

        _admin = Tests(Tier.Admin);
        _baseline = Tests(Tier.Baseline);

        // The Tenant tier knows Allow only: rules of another action are not read.
        _tenant = [.. Tests(Tier.Tenant).Where(t => t.Action == RuleAction.Allow)];
        var isolating = policies.Where(p => p.Tier == Tier.Tenant).ToImmutableArray();
        _isolated = isolating.IsEmpty
            ? null
            : new SideDecision.Isolated([.. isolating.Select(p => p.Policy).Distinct()], isolating.Any(p => state.Rules[p.Rules].CutRevoked));

        ImmutableArray<RuleTest> Tests(Tier tier) =>
        [
            .. from policy in policies
               where policy.Tier == tier
               let rules = state.Rules[policy.Rules]
               from rule in direction == Direction.Ingress ? rules.Ingress : rules.Egress
               select new RuleTest(policy, rule, rules.CutRevoked, direction, profile.NamedPorts, state, groups),
        ];
    }

    public SideDecision Decide(in Flow flow) =>
        _always ?? First(_admin, flow) ?? (_isolated is null ? First(_baseline, flow) ?? _default : First(_tenant, flow) ?? _isolated);

    /// <summary>
    /// Whether a policy that ends what it revokes has a part in the flow's being allowed: by an Allow that decides, or a Pass that was on the way. In
    /// the Tenant tier all that allow have a part, whichever is named first.
    /// </summary>
    public bool AllowsByCut(in Flow flow)
    {
        if (_always is not null)
        {
            return false;
        }

        var (byCut, decided) = Part(_admin, flow);
        if (decided || byCut)
        {
            return byCut;
        }

        return _isolated is null ? Part(_baseline, flow).ByCut : PartOfTenants(flow);
    }

    private static SideDecision? First(ImmutableArray<RuleTest> rules, in Flow flow)
    {
        foreach (var rule in rules)
        {
            if (rule.Matches(flow))
            {
                return rule.Action == RuleAction.Pass && !rule.IsClosed ? null : rule.Decision;
            }
        }

        return null;
    }

    private static (bool ByCut, bool Decided) Part(ImmutableArray<RuleTest> rules, in Flow flow)
    {
        foreach (var rule in rules)
        {
            if (rule.Matches(flow))
            {
                return (
                    rule.Cuts && !rule.IsClosed && rule.Action is RuleAction.Allow or RuleAction.Pass,
                    rule.Action != RuleAction.Pass || rule.IsClosed);
            }
        }

        return (false, false);
    }

    private bool PartOfTenants(in Flow flow)
    {
        foreach (var rule in _tenant)
        {
            if (rule.Cuts && rule.Matches(flow))
            {
                return true;
            }
        }

        return false;
    }

    private static ImmutableArray<PolicyInForce> InForce(Profile profile, Direction direction) =>
    [
        .. profile.Policies
            .Where(p => !p.Staged && (p.Direction == direction || p.Direction == Direction.Unknown))
            .OrderBy(p => p.Tier).ThenBy(p => p.Tier == Tier.Tenant ? 0 : p.Priority)
            .ThenBy(p => p.Policy, StringComparer.Ordinal).ThenBy(p => p.Rules, StringComparer.Ordinal),
    ];
}

/// <summary>One rule. <see cref="IsClosed"/>: it says something unknown and is not an Allow, so it denies everything.</summary>
internal sealed class RuleTest
{
    private readonly ImmutableArray<MatchTest> _matches;

    public RuleTest(
        PolicyInForce policy, Rule rule, bool cuts, Direction direction, ImmutableArray<NamedPort> named, NodeState state, HeldGroups groups)
    {
        Action = rule.Action;
        Cuts = cuts;
        IsClosed = rule.Action == RuleAction.Unknown || (rule.Action != RuleAction.Allow && rule.Matches.Any(m => !MatchTest.IsKnown(m, groups)));
        var allows = rule.Action == RuleAction.Allow;
        Decision = new SideDecision.ByRule(policy.Tier, policy.Policy, rule.Name, allows, cuts && !allows);
        _matches = [.. rule.Matches.Select(m => new MatchTest(m, direction, named, state, groups))];
    }

    public RuleAction Action { get; }

    public bool Cuts { get; }

    public bool IsClosed { get; }

    /// <summary>Of a Pass: what it says where it is read closed.</summary>
    public SideDecision Decision { get; }

    public bool Matches(in Flow flow)
    {
        if (IsClosed)
        {
            return true;
        }

        foreach (var match in _matches)
        {
            if (match.Matches(flow))
            {
                return true;
            }
        }

        return false;
    }
}
