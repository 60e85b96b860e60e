using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

public sealed class StagedTests
{
    private const string Flow = "10.0.0.2 → 10.0.0.1 tcp/80";

    private static readonly ClusterState Pair = Given.World(
        Given.Tenant("red"),
        Given.Endpoint("red/server", "10.0.0.1", "app=server"),
        Given.Endpoint("red/client", "10.0.0.2", "app=client"));

    [Theory]
    [InlineData(Tier.Admin)]
    [InlineData(Tier.Baseline)]
    public void A_staged_operators_policy_never_enters_the_verdict(Tier tier)
    {
        var verdict = Pair.With(
            Given.Operator("op", tier, 0, ingress: [Given.Deny([Given.Any], name: "all")], mode: PolicyMode.Staged)).Verdict(Flow);

        verdict.Allowed.ShouldBeTrue();
        verdict.Ingress.WouldHave.Allows.ShouldBeFalse();
        verdict.Ingress.Staged.ShouldBe(
            [new StagedPolicy(new PolicyId(null, "op"), tier, new RuleMatch(0, "all", RuleAction.Deny, 0, null))]);
        verdict.Ingress.Staged[0].WouldHave.ShouldBe(RuleAction.Deny);
    }

    [Fact]
    public void A_staged_tenants_policy_does_not_isolate_and_would_have_denied()
    {
        var verdict = Pair.With(
            Given.Policy("red/p", "app=server", ingress: [Given.Allow(services: "tcp/81")], mode: PolicyMode.Staged)).Verdict(Flow);

        verdict.Ingress.Decision.ShouldBe(new Decision.ByDefault(Posture.Allow));
        verdict.Ingress.WouldHave.ShouldBe(new Decision.Isolated([new PolicyId(new TenantName("red"), "p")]));
        verdict.Ingress.Staged.ShouldHaveSingleItem().WouldHave.ShouldBe(RuleAction.Deny);
    }

    [Fact]
    public void A_staged_allow_beside_an_isolating_policy_does_not_allow_and_would_have()
    {
        var world = Pair.With(
            Given.Policy("red/closed", "app=server", ingress: []),
            Given.Policy("red/open", "app=server", ingress: [Given.Allow()], mode: PolicyMode.Staged));

        world.Allows(Flow).ShouldBeFalse();
        world.Verdict(Flow).Ingress.WouldHave.Allows.ShouldBeTrue();
    }

    [Fact]
    public void A_staged_policy_behind_an_enforced_decision_would_have_changed_nothing()
    {
        var verdict = Pair.With(
            Given.Operator("a", Tier.Admin, 0, ingress: [Given.Allow([Given.Any])]),
            Given.Operator("b", Tier.Admin, 1, ingress: [Given.Deny([Given.Any])], mode: PolicyMode.Staged)).Verdict(Flow);

        verdict.Ingress.WouldHave.ShouldBe(verdict.Ingress.Decision);
        verdict.Ingress.Staged.ShouldHaveSingleItem().WouldHave.ShouldBe(RuleAction.Deny, "what it says by itself");
    }

    [Fact]
    public void A_staged_operators_policy_without_a_matching_rule_would_have_said_nothing()
    {
        var verdict = Pair.With(
            Given.Operator("op", Tier.Admin, 0, ingress: [Given.Deny([Given.Any], "udp")], mode: PolicyMode.Staged)).Verdict(Flow);

        verdict.Ingress.Staged.ShouldHaveSingleItem().WouldHave.ShouldBeNull();
    }

    [Fact]
    public void A_staged_policy_that_does_not_select_the_endpoint_is_not_mentioned()
    {
        var verdict = Pair.With(
            Given.Policy("red/p", "app=nobody", ingress: [], mode: PolicyMode.Staged),
            Given.Policy("red/q", egress: [], mode: PolicyMode.Staged)).Verdict(Flow);

        verdict.Ingress.Staged.ShouldBeEmpty();
        verdict.Ingress.WouldHave.ShouldBe(verdict.Ingress.Decision);
    }

    [Fact]
    public void Enforcing_what_is_staged_gives_what_it_would_have() =>
        CsCheck.Check.Sample(
            WorldGens.Worlds,
            world =>
            {
                var evaluator = new Evaluator(world);
                var enforced = new Evaluator(world.With(
                    world.Policies.Values.Select(p => new ClusterChange.PutPolicy(p with { Mode = PolicyMode.Enforced }))));
                foreach (var flow in Flows.Interesting(world, 100))
                {
                    var (now, then) = (evaluator.Evaluate(flow), enforced.Evaluate(flow));
                    now.Egress.WouldHave.ShouldBe(then.Egress.Decision);
                    now.Ingress.WouldHave.ShouldBe(then.Ingress.Decision);
                }
            },
            iter: 100);
}
