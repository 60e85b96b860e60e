using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

/// <summary>Policies about nodes: what a node itself receives and sends.</summary>
public sealed class HostPolicyTests
{
    private static readonly Rule Office = Given.Allow([Given.Block("203.0.113.0/24")], "tcp/22");

    private static readonly Rule Rest = Given.Deny([Given.Any]);

    private static readonly ClusterState World = Given.World(
        Given.Tenant("red"),
        Given.Node("n1", "192.168.0.1 fd00:ffff::1", "role=edge"),
        Given.Node("n2", "192.168.0.2", "role=core"),
        Given.Endpoint("red/a", "10.0.0.1 fd00::1"),
        Given.Endpoint("red/b", "10.0.0.2", "app=b", node: "n2", ports: "http=tcp/80"),
        Given.Endpoint("red/host", "192.168.0.1", node: "n1", hostNetwork: true),
        Given.Host("edge", Tier.Baseline, 0, "role=edge", ingress: [Office, Rest], egress: [Given.Allow([Given.Block("192.168.0.0/24")]), Rest]));

    [Theory]
    [InlineData("203.0.113.7 → 192.168.0.1 tcp/22", true)]
    [InlineData("203.0.113.7 → 192.168.0.1 tcp/80", false)]
    [InlineData("198.51.100.7 → 192.168.0.1 tcp/22", false)]
    [InlineData("192.168.0.1 → 192.168.0.2 tcp/80", true)]
    [InlineData("192.168.0.1 → 198.51.100.7 tcp/80", false)]
    [InlineData("198.51.100.7 → 192.168.0.2 tcp/80", true)]
    public void A_node_that_a_policy_selects_is_judged_in_both_directions_and_another_is_not(string flow, bool allowed) =>
        World.Allows(flow).ShouldBe(allowed);

    [Fact]
    public void A_node_is_open_unless_a_policy_denies()
    {
        var open = World.With(Given.Host("edge", Tier.Admin, 0, "role=edge", ingress: [Given.Pass([Given.Any])]));

        open.Verdict("198.51.100.7 → 192.168.0.1 tcp/80").Ingress.Decision.ShouldBe(Decision.OpenNode.Instance);
        open.Verdict("192.168.0.1 → 198.51.100.7 tcp/80").Egress.Decision.ShouldBe(Decision.OpenNode.Instance);
    }

    [Fact]
    public void Admin_comes_before_baseline()
    {
        var world = World.With(Given.Host("ping", Tier.Admin, 5, "", ingress: [Given.Allow([Given.Any], "icmp/8")]));

        world.Verdict("198.51.100.7 → 192.168.0.1 icmp/8").Ingress.ToString().ShouldContain("policies/ping");
        world.Allows("198.51.100.7 → 192.168.0.1 icmp/0").ShouldBeFalse();
    }

    [Fact]
    public void Its_own_endpoints_itself_and_its_link_are_not_judged()
    {
        World.Verdict("10.0.0.1 → 192.168.0.1 tcp/80").Ingress.Decision.ShouldBe(new Decision.NotJudged(Exemption.OwnEndpoint));
        World.Verdict("192.168.0.1 → 10.0.0.1 tcp/80").Egress.Decision.ShouldBe(new Decision.NotJudged(Exemption.OwnEndpoint));
        World.Verdict("192.168.0.1 → 192.168.0.1 tcp/80").Ingress.Decision.ShouldBe(new Decision.NotJudged(Exemption.SameNode));
        World.Verdict("fe80::1 → fd00:ffff::1 icmpv6/134").Ingress.Decision.ShouldBe(new Decision.NotJudged(Exemption.NeighbourDiscovery));
        World.Verdict("10.0.0.2 → 192.168.0.1 tcp/80").Ingress.Allowed.ShouldBeFalse("another node's endpoint");
        new Evaluator(World, NodeMode.Judged).Evaluate(Given.Flow("10.0.0.1 → 192.168.0.1 tcp/80")).Ingress.Allowed.ShouldBeFalse();
    }

    [Fact]
    public void What_an_endpoint_on_the_hosts_network_receives_is_the_nodes()
    {
        World.Verdict("198.51.100.7 → 192.168.0.1 tcp/80").Ingress.Node.ShouldBe(new NodeName("n1"));

        // Its own address, which the node's object does not list.
        var world = World.With(Given.Endpoint("red/host", "192.168.7.7", node: "n1", hostNetwork: true));
        world.Allows("198.51.100.7 → 192.168.7.7 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void Peers_are_endpoints_of_any_tenant_nodes_and_blocks_and_a_port_name_is_that_of_the_destination()
    {
        var everybody = new TenantScope.Matching(Selector.All);
        var b = new Peer.Endpoints(new EndpointSelector(everybody, new EndpointQuery(Selector.Of(Requirement.In("app", "b")))));
        var world = World.With(Given.Host(
            "edge", Tier.Baseline, 0, "role=edge",
            ingress: [Given.Allow([b]), Given.Allow([new Peer.Nodes(Selector.Of(Requirement.In("role", "core")))]), Rest],
            egress: [Given.Allow([b], "tcp/http"), Rest]));

        world.Allows("10.0.0.2 → 192.168.0.1 tcp/9").ShouldBeTrue();
        world.Allows("192.168.0.2 → 192.168.0.1 tcp/9").ShouldBeTrue();
        world.Allows("198.51.100.7 → 192.168.0.1 tcp/9").ShouldBeFalse();
        world.Allows("192.168.0.1 → 10.0.0.2 tcp/80").ShouldBeTrue();
        world.Allows("192.168.0.1 → 10.0.0.2 tcp/81").ShouldBeFalse();
    }

    [Fact]
    public void An_address_that_two_nodes_list_is_open_only_if_both_are() =>
        World.With(Given.Node("n2", "192.168.0.2 192.168.0.1", "role=core")).Allows("198.51.100.7 → 192.168.0.1 tcp/80").ShouldBeFalse();

    [Fact]
    public void A_staged_policy_only_says_what_it_would_have_done()
    {
        var world = World.With(Given.Host("edge", Tier.Baseline, 0, "role=edge", ingress: [Rest], mode: PolicyMode.Staged));

        var verdict = world.Verdict("198.51.100.7 → 192.168.0.1 tcp/80").Ingress;
        verdict.Allowed.ShouldBeTrue();
        verdict.WouldHave.Allows.ShouldBeFalse();
    }

    [Fact]
    public void A_policy_about_endpoints_never_selects_a_node()
    {
        var world = World.With(Given.Operator("all", Tier.Admin, 0, ingress: [Rest]));

        world.Allows("203.0.113.7 → 192.168.0.1 tcp/22").ShouldBeTrue();
        world.Allows("198.51.100.7 → 192.168.0.2 tcp/22").ShouldBeTrue();
    }
}
