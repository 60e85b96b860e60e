using System.Text;
using Vallum.Manifests.Writing;
using Vallum.Primitives;
using Vallum.Testing.Worlds;

namespace Vallum.Workloads.Tests;

/// <summary>A figure that was measured in one world is compared with others for years: so the worlds stay as they are, on every machine.</summary>
public sealed class SeedTests
{
    [Theory]
    [InlineData("small-tenants", "993365204d8469131026698a27197ace")]
    [InlineData("overlapping", "10bda8c156c4792852f9266057243dbd")]
    [InlineData("alike", "2637df5eee2017832cb0d3fb79221f7f")]
    [InlineData("one-tenant", "6d96bd82803186313fce748b348f3ad4")]
    [InlineData("teams", "585d08ef4ad7d5fe50abb822f378009a")]
    [InlineData("policy-per-endpoint", "1cd24ffce6df86c28eb0c9e109f133c5")]
    [InlineData("quarter-million", "d6b1916235f59f8ac521159502574801")]
    [InlineData("ports", "7dd80199d3013ac9a548498ca7cd6107")]
    public void The_same_seed_makes_the_same_world_and_the_same_happens_in_it(string name, string digest) =>
        DigestOf(new World(Shapes.Find(name)!.Smaller(100), 7)).ShouldBe(digest);

    [Fact]
    public void Another_seed_makes_another_world() =>
        DigestOf(new World(Shapes.Teams.Smaller(100), 8)).ShouldNotBe(DigestOf(new World(Shapes.Teams.Smaller(100), 7)));

    [Fact]
    public void A_world_may_be_read_again_and_in_any_order()
    {
        var world = new World(Shapes.Teams.Smaller(100), 7);
        var forwards = world.Tenants.Select(tenant => tenant.Puts.ToArray()).ToArray();
        var backwards = world.Tenants.Reverse().Select(tenant => tenant.Puts.Reverse().ToArray()).ToArray();

        for (var tenant = 0; tenant < forwards.Length; tenant++)
        {
            forwards[tenant].ShouldBe(backwards[^(tenant + 1)].Reverse());
        }
    }

    private static string DigestOf(World world)
    {
        var objects = world.Tenants.SelectMany(tenant => tenant.Puts)
            .Aggregate(Digest.Empty, (sum, put) => sum + Of(put));
        var changes = world.Churn().Sequence().Take(2_000)
            .SelectMany(change => change.Edits.Select(edit => (change.At, Edit: edit)))
            .Select((one, index) => Digest.Of(Encoding.UTF8.GetBytes($"{index} {one.At.Ticks} {Of(one.Edit)}")))
            .Aggregate(Digest.Empty, (sum, one) => sum + one);
        return (objects + changes).ToString();
    }

    private static Digest Of(ClusterChange change) =>
        Digest.Of(change.Message() is { } message ? ObjectContent.Normalize(message) : Encoding.UTF8.GetBytes(change.RemovedName()!));
}
