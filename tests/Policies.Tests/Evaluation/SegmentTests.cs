using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

public sealed class SegmentTests
{
    private static readonly ClusterState World = Given.World(
        Given.Tenant("red"),
        Given.Endpoint("red/server", "10.0.0.1", segment: "db"),
        Given.Endpoint("red/home", "10.0.0.2", segment: "web"),
        Given.Endpoint("red/picked", "10.0.0.3", "role=front", segment: "misc"),
        Given.Endpoint("red/other", "10.0.0.4", "role=back", segment: "misc"),
        Given.Put(
            new PolicyId(new TenantName("red"), "from-web"), Tier.Tenant, 0, [Given.Own("", "db")],
            ingress: [Given.Allow([Given.Endpoints(Given.Own("", "web"))])], egress: null));

    private static readonly ClusterChange WebPicksFront = Given.Segment("red", "web", Given.Selector("role=front"));

    [Fact]
    public void Its_members_are_those_that_name_it_whether_its_object_is_there_or_not()
    {
        World.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        World.With(WebPicksFront).Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeTrue();
        World.Allows("10.0.0.3 → 10.0.0.1 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void Its_members_are_those_that_its_selector_picks_too()
    {
        World.With(WebPicksFront).Allows("10.0.0.3 → 10.0.0.1 tcp/80").ShouldBeTrue();
        World.With(WebPicksFront).Allows("10.0.0.4 → 10.0.0.1 tcp/80").ShouldBeFalse();
    }

    [Fact]
    public void It_picks_endpoints_of_its_own_tenant_only()
    {
        var any = new TenantScope.Matching(Selector.All);
        var world = World.With(
            WebPicksFront,
            Given.Endpoint("blue/front", "10.0.0.5", "role=front", segment: "misc"),
            Given.Policy("red/from-web", ingress: [Given.Allow([Given.Endpoints(Given.Of(any, "", "web"))])]));

        world.Allows("10.0.0.5 → 10.0.0.1 tcp/80").ShouldBeFalse();
        world.With(Given.Segment("blue", "web", Selector.All)).Allows("10.0.0.5 → 10.0.0.1 tcp/80").ShouldBeTrue();
    }

    [Fact]
    public void It_does_not_take_an_endpoint_out_of_its_home()
    {
        var world = World.With(Given.Segment("red", "web", Selector.All));

        world.Allows("10.0.0.4 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("203.0.113.1 → 10.0.0.1 tcp/80").ShouldBeFalse("the server is in its home db still");
    }

    [Fact]
    public void Several_segments_of_a_query_are_alternatives()
    {
        var world = World.With(
            Given.Policy("red/from-web", ingress: [Given.Allow([Given.Endpoints(Given.Own("role=back", "web", "misc"))])]));

        world.Allows("10.0.0.4 → 10.0.0.1 tcp/80").ShouldBeTrue();
        world.Allows("10.0.0.3 → 10.0.0.1 tcp/80").ShouldBeFalse();
        world.Allows("10.0.0.2 → 10.0.0.1 tcp/80").ShouldBeFalse();
    }
}
