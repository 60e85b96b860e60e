using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

/// <summary>What is not judged, and the peers that are nodes or outside.</summary>
public sealed class ExemptionTests
{
    private static readonly ClusterState Closed = Given.World(
        Given.Tenant("red"),
        Given.Node("n1", "192.168.0.1 fd00:ffff::1", "zone=east"),
        Given.Node("n2", "192.168.0.2", "zone=west"),
        Given.Endpoint("red/a", "10.0.0.1 10.0.0.11 fd00::1"),
        Given.Endpoint("red/b", "10.0.0.2", node: "n2"),
        Given.Policy("red/closed", ingress: [], egress: []));

    [Fact]
    public void An_address_that_no_endpoint_has_is_unmanaged_and_the_managed_side_alone_decides()
    {
        var verdict = Closed.Verdict("203.0.113.1 → 10.0.0.1 tcp/80");

        verdict.Egress.Decision.ShouldBe(new Decision.NotJudged(Exemption.Unmanaged));
        verdict.Egress.Endpoint.ShouldBeNull();
        verdict.Ingress.Decision.ShouldBeOfType<Decision.Isolated>();
        verdict.Ingress.Endpoint.ShouldBe(Given.Id("red/a"));
        verdict.Allowed.ShouldBeFalse();
        Closed.Allows("203.0.113.1 → 203.0.113.2 tcp/80").ShouldBeTrue();
    }

    [Fact]
    public void An_endpoint_on_the_hosts_network_is_not_judged_even_when_selected()
    {
        var world = Closed.With(Given.Endpoint("red/host", "192.168.0.9", hostNetwork: true));

        world.Verdict("203.0.113.1 → 192.168.0.9 tcp/80").Ingress.Decision.ShouldBe(new Decision.NotJudged(Exemption.HostNetwork));
        world.Allows("203.0.113.1 → 192.168.0.9 tcp/80").ShouldBeTrue();
    }

    [Fact]
    public void Endpoints_on_the_hosts_network_may_share_an_address_with_each_other_and_with_the_node()
    {
        var world = Closed.With(
            Given.Endpoint("red/h1", "192.168.0.2", node: "n2", hostNetwork: true),
            Given.Endpoint("red/h2", "192.168.0.2", node: "n2", hostNetwork: true));

        world.Verdict("192.168.0.2 → 10.0.0.2 tcp/80").Ingress.Decision.ShouldBe(new Decision.NotJudged(Exemption.OwnNode));
        world.Allows("192.168.0.2 → 10.0.0.1 tcp/80").ShouldBeFalse("another endpoint's node is judged");
    }

    [Fact]
    public void An_endpoint_may_always_talk_to_itself_by_any_of_its_addresses()
    {
        Closed.Verdict("10.0.0.1 → 10.0.0.1 tcp/80").Ingress.Decision.ShouldBe(new Decision.NotJudged(Exemption.SameEndpoint));
        Closed.Verdict("10.0.0.1 → 10.0.0.11 tcp/80").Egress.Decision.ShouldBe(new Decision.NotJudged(Exemption.SameEndpoint));
        Closed.Allows("10.0.0.1 → 10.0.0.2 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void An_endpoint_and_its_own_node_pass_both_ways_in_both_families()
    {
        Closed.Allows("192.168.0.1 → 10.0.0.1 tcp/80").ShouldBeTrue();
        Closed.Allows("10.0.0.1 → 192.168.0.1 tcp/80").ShouldBeTrue();
        Closed.Allows("fd00:ffff::1 → fd00::1 tcp/80").ShouldBeTrue();
        Closed.Allows("192.168.0.2 → 10.0.0.1 tcp/80").ShouldBeFalse();
        Closed.Allows("10.0.0.1 → 192.168.0.2 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void Without_the_nodes_object_or_a_placement_no_node_is_the_own_one()
    {
        Closed.With(new ClusterChange.RemoveNode(new NodeName("n1"))).Allows("192.168.0.1 → 10.0.0.1 tcp/80").ShouldBeFalse();
        Closed.With(Given.Endpoint("red/a", "10.0.0.1", node: null)).Allows("192.168.0.1 → 10.0.0.1 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void An_endpoint_that_is_not_placed_is_judged_like_any_other()
    {
        var world = Closed.With(Given.Endpoint("red/a", "10.0.0.1", node: null));

        world.Verdict("203.0.113.1 → 10.0.0.1 tcp/80").Ingress.Decision.ShouldBeOfType<Decision.Isolated>();
    }

    [Fact]
    public void Where_nodes_are_judged_the_local_node_is_a_peer_like_any_other()
    {
        var open = Closed.With(Given.Policy("red/probes", ingress: [Given.Allow([Peer.LocalNode.Instance])]));

        Closed.Allows("192.168.0.1 → 10.0.0.1 tcp/80", NodeMode.Judged).ShouldBeFalse();
        open.Allows("192.168.0.1 → 10.0.0.1 tcp/80", NodeMode.Judged).ShouldBeTrue();
        open.Allows("192.168.0.2 → 10.0.0.1 tcp/80", NodeMode.Judged).ShouldBeFalse();
        open.Allows("192.168.0.2 → 10.0.0.2 tcp/80", NodeMode.Judged).ShouldBeTrue();
    }

    [Fact]
    public void Nodes_are_peers_by_their_labels()
    {
        var world = Closed.With(Given.Policy("red/west", ingress: [Given.Allow([new Peer.Nodes(Given.Selector("zone=west"))])]));

        world.Allows("192.168.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("192.168.0.1 → 10.0.0.2 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void A_network_set_is_a_peer_and_matches_nothing_while_it_is_absent()
    {
        var world = Closed.With(Given.Policy("red/offices", ingress: [Given.Allow([new Peer.Set(new NetworkSetName("offices"))])]));
        var known = world.With(Given.NetworkSet("offices", "203.0.113.0/24 2001:db8::/32 10.0.0.2/32"));

        world.Allows("203.0.113.1 → 10.0.0.1 tcp/80").ShouldBeFalse();
        known.Allows("203.0.113.1 → 10.0.0.1 tcp/80").ShouldBeTrue();
        known.Allows("2001:db8::1 → fd00::1 tcp/80").ShouldBeTrue();
        known.Allows("2001:db9::1 → fd00::1 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void Blocks_of_one_family_say_nothing_about_the_other()
    {
        var world = Closed.With(Given.Policy("red/v4", ingress: [Given.Allow([Given.Block("0.0.0.0/0")])]));

        world.Allows("203.0.113.1 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("2001:db8::1 → fd00::1 tcp/80").ShouldBeFalse();
        world.With(Given.Policy("red/v6", ingress: [Given.Allow([Given.Block("2001:db8::/32", except: "2001:db8:1::/48")])]))
            .Allows("2001:db8::1 → fd00::1 tcp/80").ShouldBeTrue();
    }

    [Fact]
    public void Two_endpoints_with_one_address_are_refused_by_name()
    {
        var error = Should.Throw<ArgumentException>(() => new Evaluator(Closed.With(Given.Endpoint("blue/x", "10.0.0.2"))));

        error.Message.ShouldContain("10.0.0.2 belongs to both blue/x and red/b");
    }
}
