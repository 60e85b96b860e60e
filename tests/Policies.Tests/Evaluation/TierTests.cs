using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

public sealed class TierTests
{
    private const string Flow = "10.0.0.2 → 10.0.0.1 tcp/80";

    private static readonly Rule AllowAny = Given.Allow([Given.Any]);
    private static readonly Rule DenyAny = Given.Deny([Given.Any]);
    private static readonly Rule PassAny = Given.Pass([Given.Any]);

    private static readonly ClusterChange Isolating = Given.Policy("red/isolating", "app=server", ingress: []);

    private static readonly ClusterState Pair = Given.World(
        Given.Tenant("red"),
        Given.Endpoint("red/server", "10.0.0.1", "app=server"),
        Given.Endpoint("red/client", "10.0.0.2", "app=client"));

    [Fact]
    public void An_admin_allow_is_final_before_isolation() =>
        Pair.With(Isolating, Given.Operator("op", Tier.Admin, 0, ingress: [AllowAny])).Allows(Flow).ShouldBeTrue();

    [Fact]
    public void An_admin_deny_is_final_before_a_tenants_allow() =>
        Pair.With(Given.Policy("red/open", "", ingress: [Given.Allow()]), Given.Operator("op", Tier.Admin, 0, ingress: [DenyAny]))
            .Allows(Flow).ShouldBeFalse();

    [Fact]
    public void An_admin_pass_leaves_the_tier_for_the_tenants_policies()
    {
        var passing = Pair.With(
            Given.Operator("first", Tier.Admin, 0, ingress: [PassAny]), Given.Operator("second", Tier.Admin, 1, ingress: [DenyAny]));

        passing.Allows(Flow).ShouldBeTrue("the Deny behind the Pass is never reached");
        passing.With(Isolating).Allows(Flow).ShouldBeFalse("the tenant's policy decides");
    }

    [Fact]
    public void A_baseline_pass_leaves_the_tier_for_the_default_posture()
    {
        var passing = Pair.With(
            Given.Operator("first", Tier.Baseline, 0, ingress: [PassAny]), Given.Operator("second", Tier.Baseline, 1, ingress: [DenyAny]));

        passing.Allows(Flow).ShouldBeTrue();
        passing.With(Given.Tenant("red", ingress: Posture.Deny)).Allows(Flow).ShouldBeFalse();
    }

    [Fact]
    public void Baseline_decides_only_where_no_tenants_policy_selects_the_endpoint()
    {
        var baseline = Given.Operator("base", Tier.Baseline, 0, ingress: [DenyAny]);

        Pair.With(baseline).Allows(Flow).ShouldBeFalse();
        Pair.With(baseline, Given.Policy("red/open", "app=server", ingress: [Given.Allow()])).Allows(Flow).ShouldBeTrue();
        Pair.With(baseline, Given.Policy("red/open", "app=client", ingress: [Given.Allow()])).Allows(Flow).ShouldBeFalse();
    }

    [Fact]
    public void A_baseline_allow_goes_before_a_deny_posture() =>
        Pair.With(Given.Tenant("red", ingress: Posture.Deny), Given.Operator("base", Tier.Baseline, 0, ingress: [AllowAny]))
            .Allows(Flow).ShouldBeTrue();

    [Fact]
    public void The_default_posture_is_the_tenants_and_has_a_direction()
    {
        Pair.Allows(Flow).ShouldBeTrue();
        Pair.With(Given.Tenant("red", ingress: Posture.Deny)).Verdict(Flow).Ingress.Decision.ShouldBe(new Decision.ByDefault(Posture.Deny));
        Pair.With(Given.Tenant("red", ingress: Posture.Deny)).Verdict(Flow).Egress.Decision.ShouldBe(new Decision.ByDefault(Posture.Allow));
        Pair.With(Given.Tenant("red", egress: Posture.Deny)).Verdict(Flow).Egress.Decision.ShouldBe(new Decision.ByDefault(Posture.Deny));
        Pair.With(Given.Tenant("blue", ingress: Posture.Deny)).Allows(Flow).ShouldBeTrue();
    }

    [Fact]
    public void A_tenant_without_an_object_allows_by_default_and_has_no_labels()
    {
        var world = Given.World(Given.Endpoint("red/server", "10.0.0.1"), Given.Endpoint("red/client", "10.0.0.2"));
        var scope = new TenantScope.Matching(Selector.Of(Requirement.DoesNotExist("team")));

        world.Allows(Flow).ShouldBeTrue();
        world.With(Given.Put(new PolicyId(null, "op"), Tier.Admin, 0, [Given.Of(scope)], [DenyAny], null)).Allows(Flow).ShouldBeFalse();
    }

    [Fact]
    public void A_lower_priority_number_is_read_first() =>
        Pair.With(Given.Operator("a", Tier.Admin, 10, ingress: [DenyAny]), Given.Operator("b", Tier.Admin, 9, ingress: [AllowAny]))
            .Allows(Flow).ShouldBeTrue();

    [Fact]
    public void Policies_of_one_priority_are_read_by_name()
    {
        Pair.With(Given.Operator("a", Tier.Admin, 10, ingress: [DenyAny]), Given.Operator("b", Tier.Admin, 10, ingress: [AllowAny]))
            .Allows(Flow).ShouldBeFalse();
        Pair.With(Given.Operator("B", Tier.Admin, 10, ingress: [AllowAny]), Given.Operator("a", Tier.Admin, 10, ingress: [DenyAny]))
            .Allows(Flow).ShouldBeTrue("names are compared byte by byte");
    }

    [Fact]
    public void Rules_of_an_admin_policy_are_read_in_written_order()
    {
        Pair.With(Given.Operator("op", Tier.Admin, 0, ingress: [AllowAny, DenyAny])).Allows(Flow).ShouldBeTrue();
        Pair.With(Given.Operator("op", Tier.Admin, 0, ingress: [DenyAny, AllowAny])).Allows(Flow).ShouldBeFalse();
    }

    [Fact]
    public void An_operators_policy_without_rules_has_no_effect()
    {
        Pair.With(Given.Operator("op", Tier.Admin, 0, ingress: [], egress: [])).Allows(Flow).ShouldBeTrue();
        Pair.With(Given.Operator("op", Tier.Baseline, 0, ingress: [], egress: [])).Allows(Flow).ShouldBeTrue();
    }

    [Fact]
    public void A_tenants_policy_without_rules_isolates_and_allows_nothing() =>
        Pair.With(Isolating).Verdict(Flow).Ingress.Decision
            .ShouldBe(new Decision.Isolated([new PolicyId(new TenantName("red"), "isolating")]));

    [Fact]
    public void A_policy_isolates_only_the_directions_that_it_covers()
    {
        var world = Pair.With(Given.Policy("red/p", "", egress: []));

        world.Verdict(Flow).Egress.Allowed.ShouldBeFalse();
        world.Verdict(Flow).Ingress.Allowed.ShouldBeTrue();
    }

    [Fact]
    public void Any_rule_of_any_tenants_policy_allows()
    {
        var world = Pair.With(
            Isolating,
            Given.Policy("red/open", "app=server", ingress: [Given.Allow(services: "udp/1"), Given.Allow(services: "tcp/80", name: "web")]));

        var open = new PolicyId(new TenantName("red"), "open");
        world.Verdict(Flow).Ingress.Decision.ShouldBe(
            new Decision.ByRule(Tier.Tenant, open, new RuleMatch(1, "web", RuleAction.Allow, null, 0)));
    }

    [Fact]
    public void Both_directions_must_allow()
    {
        Pair.With(Given.Policy("red/p", "app=client", egress: [])).Allows(Flow).ShouldBeFalse();
        Pair.With(Given.Policy("red/p", "app=server", ingress: [])).Allows(Flow).ShouldBeFalse();
        Pair.With(Given.Policy("red/p", "app=client", ingress: []), Given.Policy("red/q", "app=server", egress: []))
            .Allows(Flow).ShouldBeTrue();
    }

    [Fact]
    public void An_operators_subject_selects_over_all_tenants_by_scope()
    {
        var world = Given.World(
            Given.Tenant("red", "team=x"), Given.Tenant("blue", "team=y"),
            Given.Endpoint("red/a", "10.0.0.1"), Given.Endpoint("blue/a", "10.0.0.2"));

        Denied(TenantScope.Same.Instance).ShouldBe(["10.0.0.1", "10.0.0.2"]);
        Denied(TenantScope.Other.Instance).ShouldBeEmpty();
        Denied(new TenantScope.Matching(Given.Selector("team=x"))).ShouldBe(["10.0.0.1"]);
        Denied(new TenantScope.Named(new TenantName("blue"), new TenantName("nobody"))).ShouldBe(["10.0.0.2"]);

        string[] Denied(TenantScope scope)
        {
            var with = world.With(Given.Put(new PolicyId(null, "op"), Tier.Admin, 0, [Given.Of(scope)], [DenyAny], null));
            return [.. new[] { "10.0.0.1", "10.0.0.2" }.Where(a => !with.Allows($"203.0.113.1 → {a} tcp/80"))];
        }
    }

    [Fact]
    public void An_operators_peers_are_seen_from_the_selected_endpoints_tenant()
    {
        var world = Given.World(
            Given.Endpoint("red/a", "10.0.0.1"), Given.Endpoint("red/b", "10.0.0.2"), Given.Endpoint("blue/a", "10.0.0.3"),
            Given.Operator("separate", Tier.Admin, 0, ingress: [Given.Deny([Given.Endpoints(Given.Of(TenantScope.Other.Instance))])]));

        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.3 → 10.0.0.1 tcp/80").ShouldBeFalse();
        world.Allows("10.0.0.1 → 10.0.0.3 tcp/80").ShouldBeFalse();
        world.Allows("203.0.113.1 → 10.0.0.3 tcp/80").ShouldBeTrue("outside is not another tenant");
    }
}
