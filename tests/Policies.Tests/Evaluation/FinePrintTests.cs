using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

/// <summary>The fine print of the policy model, a test for each line; named ports are in <see cref="NamedPortTests"/>.</summary>
public sealed class FinePrintTests
{
    private static readonly ClusterState Three = Given.World(
        Given.Tenant("red"),
        Given.Endpoint("red/server", "10.0.0.1", "app=server"),
        Given.Endpoint("red/a", "10.0.0.2", "app=a,env=prod"),
        Given.Endpoint("red/b", "10.0.0.3", "app=b,env=test"));

    [Fact]
    public void Items_inside_peers_are_alternatives()
    {
        var world = Three.With(
            Given.Policy("red/p", "app=server", ingress: [Given.Allow([Given.Endpoints("app=a"), Given.Endpoints("app=b")])]));

        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.3 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.9 → 10.0.0.1 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void Items_inside_services_are_alternatives()
    {
        var world = Three.With(Given.Policy("red/p", "app=server", ingress: [Given.Allow(services: "tcp/80 udp/53")]));

        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.2 → 10.0.0.1 udp/53").ShouldBeTrue();
        world.Allows("10.0.0.2 → 10.0.0.1 tcp/53").ShouldBeFalse();
        world.Allows("10.0.0.2 → 10.0.0.1 udp/80").ShouldBeFalse();
    }

    [Fact]
    public void Items_inside_the_subject_are_alternatives()
    {
        var world = Three.With(Given.Put(
            new PolicyId(new TenantName("red"), "p"), Tier.Tenant, 0, [Given.Own("app=a"), Given.Own("app=b")], ingress: [], egress: null));

        world.Allows("10.0.0.1 → 10.0.0.2 tcp/80").ShouldBeFalse();
        world.Allows("10.0.0.1 → 10.0.0.3 tcp/80").ShouldBeFalse();
        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
    }

    [Fact]
    public void The_parts_of_one_peer_must_all_hold()
    {
        var world = Three.With(
            Given.Tenant("blue", "team=x"),
            Given.Endpoint("blue/a", "10.0.0.4", "app=a", segment: "web"),
            Given.Policy("red/p", "app=server", ingress:
            [
                Given.Allow([Given.Endpoints(Given.Of(new TenantScope.Matching(Given.Selector("team=x")), "app=a", "web"))]),
            ]));

        world.Allows("10.0.0.4 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeFalse("its tenant is not of team x");
        world.With(Given.Endpoint("blue/a", "10.0.0.4", "app=b", segment: "web"))
            .Allows("10.0.0.4 → 10.0.0.1 tcp/80").ShouldBeFalse("labels");
        world.With(Given.Endpoint("blue/a", "10.0.0.4", "app=a", segment: "db"))
            .Allows("10.0.0.4 → 10.0.0.1 tcp/80").ShouldBeFalse("segment");
    }

    [Fact]
    public void A_rules_peers_and_services_never_mix_with_anothers()
    {
        var world = Three.With(Given.Policy("red/p", "app=server", ingress:
        [
            Given.Allow([Given.Endpoints("app=a")], "tcp/80"),
            Given.Allow([Given.Endpoints("app=b")], "tcp/443"),
        ]));

        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.3 → 10.0.0.1 tcp/443").ShouldBeTrue();
        world.Allows("10.0.0.2 → 10.0.0.1 tcp/443").ShouldBeFalse();
        world.Allows("10.0.0.3 → 10.0.0.1 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void A_label_selector_matches_no_endpoint_on_the_hosts_network()
    {
        var world = Three.With(
            Given.Endpoint("red/host", "192.168.0.7", "app=a", hostNetwork: true),
            Given.Policy("red/p", "app=server", ingress: [Given.Allow([Given.Endpoints("")])]));

        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("192.168.0.7 → 10.0.0.1 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void A_label_selector_matches_no_address_outside()
    {
        var world = Three.With(Given.Policy("red/p", "app=server", ingress: [Given.Allow([Given.Endpoints("")])]));

        world.Allows("203.0.113.1 → 10.0.0.1 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void A_cidr_matches_any_address_internal_ones_too()
    {
        var world = Three.With(
            Given.Policy("red/p", "app=server", ingress: [Given.Allow([Given.Block("10.0.0.2/31"), Given.Block("203.0.113.0/24")])]));

        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.3 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.4 → 10.0.0.1 tcp/80").ShouldBeFalse();
        world.Allows("203.0.113.255 → 10.0.0.1 tcp/80").ShouldBeTrue();
    }

    [Fact]
    public void Except_cuts_only_its_own_block()
    {
        var world = Three.With(Given.Policy("red/p", "app=server", ingress:
        [
            Given.Allow([Given.Block("10.0.0.0/24", except: "10.0.0.2/32 10.0.0.3/32"), Given.Block("10.0.0.3/32")]),
        ]));

        world.Allows("10.0.0.9 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeFalse("cut");
        world.Allows("10.0.0.3 → 10.0.0.1 tcp/80").ShouldBeTrue("cut from one block, inside another");
    }

    [Theory]
    [InlineData("tcp/1")]
    [InlineData("udp/1")]
    [InlineData("sctp/1")]
    [InlineData("icmp/8")]
    [InlineData("47")]
    public void Absent_services_mean_every_protocol_so_isolation_stops_all_of_them(string service)
    {
        Three.With(Given.Policy("red/p", "app=server", ingress: [])).Allows($"10.0.0.2 → 10.0.0.1 {service}").ShouldBeFalse();
        Three.With(Given.Policy("red/p", "app=server", ingress: [Given.Allow()])).Allows($"10.0.0.2 → 10.0.0.1 {service}").ShouldBeTrue();
    }

    [Theory]
    [InlineData(133)]
    [InlineData(135)]
    [InlineData(136)]
    public void Neighbour_discovery_always_passes(byte type)
    {
        var world = Given.World(
            Given.Endpoint("red/a", "fd00::1"), Given.Endpoint("red/b", "fd00::2"), Given.Policy("red/p", ingress: [], egress: []));

        var verdict = world.Verdict($"fd00::1 → fd00::2 icmpv6/{type}");

        verdict.Allowed.ShouldBeTrue();
        verdict.Ingress.Decision.ShouldBe(new Decision.NotJudged(Exemption.NeighbourDiscovery));
        world.Allows("fd00::1 → fd00::2 icmpv6/128").ShouldBeFalse();
    }

    [Theory]
    [InlineData(LabelOperator.NotIn)]
    [InlineData(LabelOperator.DoesNotExist)]
    public void A_negative_requirement_matches_when_the_key_is_absent(LabelOperator @operator)
    {
        var requirement = @operator == LabelOperator.NotIn ? Requirement.NotIn("zone", "east") : Requirement.DoesNotExist("zone");
        var peer = Given.Endpoints(new EndpointSelector(TenantScope.Same.Instance, new EndpointQuery(Selector.Of(requirement))));
        var world = Three.With(
            Given.Endpoint("red/east", "10.0.0.4", "zone=east"), Given.Policy("red/p", "app=server", ingress: [Given.Allow([peer])]));

        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.4 → 10.0.0.1 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void A_present_but_empty_selector_picks_all_and_an_absent_one_picks_nothing()
    {
        Three.With(Given.Policy("red/p", "", ingress: [])).Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeFalse();
        Three.With(Given.Put(new PolicyId(new TenantName("red"), "p"), Tier.Tenant, 0, [], ingress: [], egress: null))
            .Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();

        var ofSegment = Given.Put(
            new PolicyId(new TenantName("red"), "p"), Tier.Tenant, 0, [Given.Own("", "picked")], ingress: [], egress: null);
        Three.With(ofSegment, Given.Segment("red", "picked", Selector.All)).Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeFalse();
        Three.With(ofSegment, Given.Segment("red", "picked", picks: null)).Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
    }

    [Fact]
    public void A_reply_is_not_judged_and_needs_no_rule_of_its_own()
    {
        // What is judged is the first packet: a allows nothing in, and still hears the answer of the server that it may call.
        var world = Three.With(Given.Policy("red/p", "app=a", ingress: []));

        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.1 → 10.0.0.2 tcp/80").ShouldBeFalse("a connection the other way is another flow");
    }

    [Fact]
    public void Icmp_type_and_code_are_matched_when_they_are_said()
    {
        var world = Three.With(Given.Policy("red/p", "app=server", ingress: [Given.Allow(services: "icmp/8 icmp/3.4")]));

        world.Allows("10.0.0.2 → 10.0.0.1 icmp/8").ShouldBeTrue();
        world.Allows("10.0.0.2 → 10.0.0.1 icmp/8.1").ShouldBeTrue("no code is any code");
        world.Allows("10.0.0.2 → 10.0.0.1 icmp/3.4").ShouldBeTrue();
        world.Allows("10.0.0.2 → 10.0.0.1 icmp/3.1").ShouldBeFalse();
        world.Allows("10.0.0.2 → 10.0.0.1 icmp/0").ShouldBeFalse();
    }

    [Fact]
    public void A_range_holds_both_its_ends()
    {
        var world = Three.With(Given.Policy("red/p", "app=server", ingress: [Given.Allow(services: "tcp/80-90")]));

        world.Allows("10.0.0.2 → 10.0.0.1 tcp/79").ShouldBeFalse();
        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.2 → 10.0.0.1 tcp/90").ShouldBeTrue();
        world.Allows("10.0.0.2 → 10.0.0.1 tcp/91").ShouldBeFalse();
    }

    [Fact]
    public void A_policy_of_one_tenant_cannot_touch_another_tenant()
    {
        var world = Given.World(
            Given.Endpoint("red/a", "10.0.0.1"),
            Given.Endpoint("blue/a", "10.0.0.2"),
            Given.Put(
                new PolicyId(new TenantName("blue"), "p"),
                Tier.Tenant,
                0,
                [Given.Of(new TenantScope.Matching(Selector.All)), Given.Of(TenantScope.Other.Instance)],
                ingress: [],
                egress: []));

        world.Allows("203.0.113.1 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("203.0.113.1 → 10.0.0.2 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void Protocol_numbers_without_a_name_are_matched_by_number()
    {
        var world = Three.With(Given.Policy("red/p", "app=server", ingress: [Given.Allow(services: "47 any")]));

        world.Verdict("10.0.0.2 → 10.0.0.1 47").Ingress.Decision.ShouldBeOfType<Decision.ByRule>().Rule.Service.ShouldBe(0);
        world.Verdict("10.0.0.2 → 10.0.0.1 50").Ingress.Decision.ShouldBeOfType<Decision.ByRule>().Rule.Service.ShouldBe(1);
        IpProtocol.Name(47).ShouldBe("47");
    }
}
