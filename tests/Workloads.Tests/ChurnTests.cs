using Vallum.Manifests.Assembly;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Workloads.Tests;

public sealed class ChurnTests
{
    private const int Changes = 3_000;

    public static readonly TheoryData<string> Names = [.. Shapes.All.Select(shape => shape.Name)];

    /// <summary>Put what is new or other, remove what is there, and never a state that the control plane would refuse.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Every_change_fits_the_state_before_it(string name)
    {
        var world = new World(Shapes.Find(name)!.Smaller(100), 3);
        var state = StateOf(world);
        var addresses = state.Endpoints.Values.SelectMany(endpoint => endpoint.Addresses).ToHashSet();
        foreach (var change in world.Churn().Sequence().Take(Changes))
        {
            foreach (var edit in change.Edits)
            {
                if (edit is ClusterChange.PutEndpoint { Endpoint: var endpoint } && !state.Endpoints.ContainsKey(endpoint.Id))
                {
                    endpoint.Addresses.All(addresses.Add).ShouldBeTrue();
                }

                var after = edit.Apply(state);
                if (after == state)
                {
                    Assert.Fail($"{change.Kind} changes nothing: {edit}");
                }

                state = after;
            }
        }

        ClusterStateBuilder.Build([.. MessagesOf(state)]).Violations.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_world_keeps_its_size(string name)
    {
        var world = new World(Shapes.Find(name)!.Smaller(100), 3);
        var state = world.Churn().Sequence().Take(Changes).SelectMany(change => change.Edits).Aggregate(StateOf(world), (s, edit) => edit.Apply(s));

        state.Endpoints.Count.ShouldBeInRange(world.Shape.Endpoints / 2, world.Shape.Endpoints);
    }

    [Fact]
    public void In_a_minute_one_in_a_hundred_endpoints_goes_and_as_many_come()
    {
        var changes = new World(Shapes.OneTenant).Churn(ChurnRates.Default with { Drains = 0 }).Sequence()
            .TakeWhile(change => change.At < TimeSpan.FromMinutes(1))
            .CountBy(change => change.Kind)
            .ToDictionary();

        changes[ChangeKind.EndpointGoes].ShouldBeInRange(950, 1_050);
        changes[ChangeKind.EndpointComes].ShouldBeInRange(changes[ChangeKind.EndpointGoes] - 1, changes[ChangeKind.EndpointGoes]);
        changes[ChangeKind.PolicyChanged].ShouldBeInRange(150, 250);
        changes[ChangeKind.EndpointRelabelled].ShouldBeInRange(150, 250);
    }

    [Fact]
    public void Everything_that_may_happen_happens() =>
        new World(Shapes.Teams, 3).Churn().Sequence().Take(Changes).Select(change => change.Kind).Distinct().Order()
            .ShouldBe(Enum.GetValues<ChangeKind>());

    private static ClusterState StateOf(World world) => world.Tenants.SelectMany(tenant => tenant.Puts).Aggregate(ClusterState.Empty, (state, put) => put.Apply(state));

    private static IEnumerable<Contracts.Api.V1.Object> MessagesOf(ClusterState state) =>
        state.Tenants.Values.Select(one => (ClusterChange)new ClusterChange.PutTenant(one))
            .Concat(state.Segments.Values.Select(one => new ClusterChange.PutSegment(one)))
            .Concat(state.Endpoints.Values.Select(one => new ClusterChange.PutEndpoint(one)))
            .Concat(state.Policies.Values.Select(one => new ClusterChange.PutPolicy(one)))
            .Select(put => put.Message()!);
}
