using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

public sealed class ExplanationTests
{
    private const string Flow = "10.0.0.2 → 10.0.0.1 tcp/80";

    private static readonly ClusterState Pair = Given.World(
        Given.Tenant("red"),
        Given.Endpoint("red/server", "10.0.0.1", "app=server"),
        Given.Endpoint("red/client", "10.0.0.2", "app=client"));

    [Fact]
    public void It_tells_of_every_policy_in_order_why_it_did_not_match()
    {
        var world = Pair.With(
            Given.Operator("base", Tier.Baseline, 0, ingress: [Given.Deny([Given.Any])]),
            Given.Operator("late", Tier.Admin, 9, ingress: [Given.Deny([Given.Any])]),
            Given.Operator("early", Tier.Admin, 1, subject: "app=nobody", ingress: [Given.Deny([Given.Any])]),
            Given.Policy("red/b-egress", egress: []),
            Given.Policy("red/a-rules", "app=server", ingress:
            [
                Given.Allow([Given.Endpoints("app=x"), Given.Endpoints("app=y")], name: "xy"),
                Given.Allow([Given.Endpoints("app=x"), Given.Endpoints("app=client")], "tcp/81 udp/80"),
                Given.Allow(services: "47"),
            ]),
            Given.Policy("blue/p", ingress: []));

        var considered = Explain(world).Ingress;

        considered.Select(p => p.Policy.ToString()).ShouldBe(
            ["policies/early", "policies/late", "tenants/red/policies/a-rules", "tenants/red/policies/b-egress", "policies/base"]);
        considered.Select(p => p.Finding).ShouldBe(
        [
            Finding.SubjectDoesNotSelect.Instance,
            new Finding.Matches(new RuleMatch(0, "", RuleAction.Deny, 0, null), []),
            new Finding.NoRuleMatches(
            [
                new RuleMiss(0, "xy", MissReason.NoPeer), new RuleMiss(1, "", MissReason.NoService, 1), new RuleMiss(2, "", MissReason.NoService),
            ]),
            Finding.DirectionNotCovered.Instance,
            new Finding.Matches(new RuleMatch(0, "", RuleAction.Deny, 0, null), []),
        ]);
    }

    [Fact]
    public void The_first_matching_rule_is_named_with_its_peer_and_service_and_those_before_it()
    {
        var world = Pair.With(Given.Policy("red/p", "app=server", ingress:
        [
            Given.Allow([Given.Endpoints("app=x")]),
            Given.Allow([Given.Endpoints("app=x"), Given.Endpoints("app=client")], "udp/80 tcp/80-90", name: "web"),
            Given.Allow(),
        ]));

        Explain(world).Ingress.ShouldHaveSingleItem().Finding.ShouldBe(
            new Finding.Matches(new RuleMatch(1, "web", RuleAction.Allow, 1, 1), [new RuleMiss(0, "", MissReason.NoPeer)]));
    }

    [Fact]
    public void A_direction_that_is_not_judged_considers_nothing()
    {
        var explanation = new Evaluator(Pair.With(Given.Policy("red/p", ingress: []))).Explain(Given.Flow("203.0.113.1 → 10.0.0.1 tcp/80"));

        explanation.Egress.ShouldBeEmpty();
        explanation.Ingress.ShouldNotBeEmpty();
    }

    [Fact]
    public void Its_verdict_is_the_verdict() =>
        CsCheck.Check.Sample(
            WorldGens.Worlds,
            world =>
            {
                var evaluator = new Evaluator(world);
                foreach (var flow in Flows.Interesting(world, 50))
                {
                    evaluator.Explain(flow).Verdict.ShouldBe(evaluator.Evaluate(flow));
                }
            },
            iter: 50);

    [Fact]
    public void A_verdict_says_in_one_line_what_decided()
    {
        var world = Pair.With(Given.Policy("red/p", "app=server", ingress: [Given.Allow(name: "web")]));

        world.Verdict(Flow).ToString().ShouldBe(
            "10.0.0.2 → 10.0.0.1 tcp/80: allow (egress: allow by the tenant's default posture; " +
            "ingress: allow by tenants/red/policies/p rule 0 'web' (Tenant tier))");
    }

    private static Explanation Explain(ClusterState world) => new Evaluator(world).Explain(Given.Flow(Flow));
}
