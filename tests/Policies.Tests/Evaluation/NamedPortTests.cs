using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

public sealed class NamedPortTests
{
    [Fact]
    public void A_named_port_of_an_ingress_rule_resolves_on_the_selected_endpoint()
    {
        var world = Given.World(
            Given.Endpoint("red/one", "10.0.0.1", "app=server", ports: "http=tcp/8080"),
            Given.Endpoint("red/two", "10.0.0.2", "app=server", ports: "http=tcp/9090"),
            Given.Endpoint("red/none", "10.0.0.3", "app=server"),
            Given.Endpoint("red/client", "10.0.0.4", ports: "http=tcp/80"),
            Given.Policy("red/p", "app=server", ingress: [Given.Allow(services: "tcp/http")]));

        world.Allows("10.0.0.4 → 10.0.0.1 tcp/8080").ShouldBeTrue();
        world.Allows("10.0.0.4 → 10.0.0.1 tcp/9090").ShouldBeFalse();
        world.Allows("10.0.0.4 → 10.0.0.2 tcp/9090").ShouldBeTrue();
        world.Allows("10.0.0.4 → 10.0.0.2 tcp/8080").ShouldBeFalse();
        world.Allows("10.0.0.4 → 10.0.0.3 tcp/80").ShouldBeFalse("an endpoint that lacks the name does not match");
    }

    [Fact]
    public void A_named_port_of_an_egress_rule_resolves_on_each_peer()
    {
        var world = Given.World(
            Given.Endpoint("red/client", "10.0.0.4", "app=client", ports: "http=tcp/80"),
            Given.Endpoint("red/one", "10.0.0.1", "app=server", ports: "http=tcp/8080"),
            Given.Endpoint("red/two", "10.0.0.2", "app=server", ports: "http=tcp/9090"),
            Given.Endpoint("red/none", "10.0.0.3", "app=server"),
            Given.Policy("red/p", "app=client", egress: [Given.Allow([Given.Endpoints("app=server")], "tcp/http")]));

        world.Allows("10.0.0.4 → 10.0.0.1 tcp/8080").ShouldBeTrue();
        world.Allows("10.0.0.4 → 10.0.0.2 tcp/9090").ShouldBeTrue();
        world.Allows("10.0.0.4 → 10.0.0.2 tcp/8080").ShouldBeFalse();
        world.Allows("10.0.0.4 → 10.0.0.3 tcp/80").ShouldBeFalse();
    }

    [Theory]
    [InlineData("cidr")]
    [InlineData("any")]
    [InlineData("no peers")]
    public void A_named_port_of_an_egress_rule_resolves_on_the_endpoint_that_has_the_address_whatever_peer_it_matched_as(string peers)
    {
        var world = Given.World(
            Given.Endpoint("red/client", "10.0.0.4", "app=client"),
            Given.Endpoint("blue/server", "10.0.0.1", ports: "http=tcp/8080"),
            Given.Endpoint("blue/host", "10.0.0.9", ports: "http=tcp/8080", hostNetwork: true),
            Given.Policy("red/p", "app=client", egress:
            [
                Given.Allow(peers switch { "cidr" => [Given.Block("10.0.0.0/24")], "any" => [Given.Any], _ => [] }, "tcp/http"),
            ]));

        world.Allows("10.0.0.4 → 10.0.0.1 tcp/8080").ShouldBeTrue();
        world.Allows("10.0.0.4 → 10.0.0.1 tcp/80").ShouldBeFalse();
        world.Allows("10.0.0.4 → 10.0.0.9 tcp/8080").ShouldBeFalse("the name of an endpoint on the host's network");
        world.Allows("10.0.0.4 → 10.0.0.8 tcp/8080").ShouldBeFalse("nobody has the address");
    }

    [Fact]
    public void The_name_and_the_protocol_of_a_named_port_must_both_match()
    {
        var world = Given.World(
            Given.Endpoint("red/server", "10.0.0.1", ports: "dns=udp/53 dns=tcp/5353"),
            Given.Policy("red/p", ingress: [Given.Allow(services: "udp/dns")]));

        world.Allows("10.0.0.4 → 10.0.0.1 udp/53").ShouldBeTrue();
        world.Allows("10.0.0.4 → 10.0.0.1 tcp/53").ShouldBeFalse();
        world.Allows("10.0.0.4 → 10.0.0.1 tcp/5353").ShouldBeFalse();
        world.Allows("10.0.0.4 → 10.0.0.1 udp/5353").ShouldBeFalse();
    }
}
