using Vallum.Manifests.Assembly;
using Vallum.Manifests.Parsing;

namespace Vallum.Workloads.Tests;

public sealed class ShapeTests
{
    public static readonly TheoryData<string> Names = [.. Shapes.All.Select(shape => shape.Name)];

    [Theory]
    [InlineData("small-tenants", 25_000, 100_000, 75_000)]
    [InlineData("overlapping", 1, 10_000, 10_000)]
    [InlineData("alike", 1, 10_000, 10_000)]
    [InlineData("one-tenant", 1, 100_000, 1_000)]
    [InlineData("teams", 1_000, 100_000, 10_000)]
    [InlineData("policy-per-endpoint", 1, 10_000, 10_000)]
    [InlineData("quarter-million", 100, 250_000, 10_000)]
    [InlineData("ports", 1, 250, 10_000)]
    public void A_world_has_as_much_as_its_shape_promises_and_no_name_or_address_twice(string name, int tenants, int endpoints, int policies)
    {
        var shape = Shapes.Find(name).ShouldNotBeNull();
        var all = new World(shape).Tenants.ToArray();

        all.Length.ShouldBe(tenants);
        all.Select(tenant => tenant.Name).Distinct().Count().ShouldBe(tenants);
        var found = all.SelectMany(tenant => tenant.Endpoints).ToArray();
        found.Length.ShouldBe(endpoints);
        found.Select(endpoint => endpoint.Id).Distinct().Count().ShouldBe(endpoints);
        found.SelectMany(endpoint => endpoint.Addresses).Distinct().Count().ShouldBe(endpoints);
        found.Select(endpoint => endpoint.Node).Distinct().Count().ShouldBe(shape.Nodes);
        all.SelectMany(tenant => tenant.Policies).Select(policy => policy.Id).Distinct().Count().ShouldBe(policies);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_object_of_a_world_is_one_that_the_control_plane_accepts(string name)
    {
        var world = new World(Shapes.Find(name)!.Smaller(10));

        foreach (var tenant in world.Tenants)
        {
            foreach (var message in tenant.Messages())
            {
                ObjectParser.Judge(message).ShouldBeEmpty();
            }
        }

        world.Nodes.ShouldAllBe(node => ObjectParser.Judge(node.Message()).IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void All_objects_of_a_world_together_are_a_state_that_the_control_plane_accepts(string name)
    {
        var world = new World(Shapes.Find(name)!.Smaller(100));

        ClusterStateBuilder.Build([.. world.Nodes.Select(node => node.Message()), .. world.Tenants.SelectMany(tenant => tenant.Messages())])
            .Violations.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_policy_but_an_isolating_one_selects_somebody_and_admits_somebody(string name)
    {
        var world = new World(Shapes.Find(name)!.Smaller(100));
        var labels = world.Tenants.SelectMany(tenant => tenant.Endpoints).Select(endpoint => endpoint.Labels).Distinct().ToArray();

        foreach (var policy in world.Tenants.SelectMany(tenant => tenant.Policies).Where(policy => policy.Ingress.Length > 0))
        {
            labels.ShouldContain(one => policy.Subject[0].Query.Selector.Matches(one));
            labels.ShouldContain(one => PeerOf(policy).Matches(one));
        }
    }

    private static Policies.Model.Selector PeerOf(Policies.Model.Policy policy) =>
        ((Policies.Model.Peer.Endpoints)policy.Ingress[0].Peers[0]).Selector.Query.Selector;
}
