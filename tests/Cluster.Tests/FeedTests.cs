using System.Diagnostics;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Tests.Hosts;

namespace Vallum.Cluster.Tests;

public sealed class FeedTests(SharedSilo shared)
{
    private readonly string _name = SharedSilo.NewTenant();

    private ITenantGrain Tenant => shared.Silo.Tenant(_name);

    [Fact]
    public async Task A_follower_gets_every_change_once_whatever_it_has_seen()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 1)));
        for (var i = 0; i < 5; i++)
        {
            await Tenant.Apply(Make.Batch(Make.Policy(_name, $"p{i}", ("app", "web"), ("app", "db"))));
        }

        await Tenant.Apply(Make.Batch(Make.Delete(ObjectKind.Policy, "p0")));

        var reply = await Tenant.Feed(new FeedRequest(3, TimeSpan.Zero));

        (reply.Revision, reply.Whole).ShouldBe((7, false));
        reply.Events.Select(one => (one.Revision, one.Name, one.Document is null)).ShouldBe(
            [(4, "p2", false), (5, "p3", false), (6, "p4", false), (7, "p0", true)]);
    }

    [Fact]
    public async Task From_nothing_the_whole_state_is_told()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 3)));

        var reply = await Tenant.Feed(new FeedRequest(0, TimeSpan.Zero));

        reply.Whole.ShouldBeTrue();
        reply.Events.Select(one => one.Name).ShouldBe([_name, "web", "e0", "e1", "e2"]);
    }

    [Fact]
    public async Task A_parked_follower_wakes_at_the_commit_and_not_by_polling()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 0)));
        List<TimeSpan> latencies = [];
        for (var i = 0; i < 30; i++)
        {
            var parked = Tenant.Feed(new FeedRequest(i + 1, TimeSpan.FromSeconds(10)));
            await Task.Delay(1);
            parked.IsCompleted.ShouldBeFalse();
            await Tenant.Apply(Make.Batch(Make.Segment(_name, $"s{i}")));
            var committed = Stopwatch.GetTimestamp();
            (await parked).Events.ShouldHaveSingleItem().Name.ShouldBe($"s{i}");
            latencies.Add(Stopwatch.GetElapsedTime(committed));
        }

        latencies.Order().ElementAt(latencies.Count / 2).ShouldBeLessThan(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task A_wait_in_which_nothing_happens_ends_empty()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 0)));

        var reply = await Tenant.Feed(new FeedRequest(1, TimeSpan.FromMilliseconds(50)));

        (reply.Revision, reply.Whole, reply.Events.Length).ShouldBe((1, false, 0));
    }

    [Fact]
    public async Task The_silos_view_follows_the_clusters_own_objects()
    {
        var reply = await shared.Silo.Cluster.Apply(Make.Batch(Make.Node($"node-{_name}", SharedSilo.NewAddress())));
        await Tenant.Apply(Make.Batch(Make.Tenant(_name, ("env", "prod"))));

        var view = await shared.Silo.View.Next(reply.Revision, TestContext.Current.CancellationToken);
        while (!view.Tenants.ContainsKey(new(_name)))
        {
            view = await shared.Silo.View.Next(view.Revision, TestContext.Current.CancellationToken);
        }

        view.Nodes.ShouldContainKey(new($"node-{_name}"));
        view.Tenants[new(_name)]["env"].ShouldBe("prod");
        (await shared.Silo.Cluster.Get(ObjectKind.TenantPending, _name)).ShouldBeNull();
    }
}
