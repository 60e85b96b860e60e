using Grpc.Core;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;
using EventType = Vallum.Contracts.Api.V1.WatchEvent.Types.Type;

namespace Vallum.Api.Tests;

public sealed class WatchTests(SharedSilo shared)
{
    private readonly Calls.Api _api = shared.Api;
    private readonly string _tenant = SharedSilo.NewName();

    private string Parent => $"tenants/{_tenant}";

    [Fact]
    public async Task The_current_state_comes_first_then_a_bookmark_then_every_change_in_order()
    {
        await _api.ApplyAsync(Given.Shop(_tenant));
        using var watch = Watch(new WatchRequest { Parent = Parent });

        var state = await ReadAsync(watch, 6);
        state.Take(5).ShouldAllBe(one => one.Type == EventType.Put);
        state.Take(5).Select(one => one.Name).ShouldBe(Given.Shop(_tenant).Select(Calls.Api.NameOf), ignoreOrder: true);
        (state[5].Type, state[5].Revision).ShouldBe((EventType.Bookmark, 1));

        await _api.CreateAsync(Given.Segment(_tenant, "new"));
        await _api.UpdateAsync(Given.Changed(Given.Segment(_tenant, "new"), "yes"));
        await _api.DeleteAsync("Segment", new DeleteRequest { Name = $"{Parent}/segments/new" });
        var changes = await ReadAsync(watch, 3);
        changes.Select(one => (one.Type, one.Name, one.Revision)).ShouldBe(
        [
            (EventType.Put, $"{Parent}/segments/new", 2), (EventType.Put, $"{Parent}/segments/new", 3), (EventType.Delete, $"{Parent}/segments/new", 4),
        ]);
        changes[1].Object.Segment.Metadata.Labels["changed"].ShouldBe("yes");
        changes[2].Object.ShouldBeNull();
    }

    [Fact]
    public async Task A_watch_goes_on_from_the_revision_that_was_seen_last()
    {
        await _api.ApplyAsync(Given.Shop(_tenant));
        await _api.CreateAsync(Given.Segment(_tenant, "second"));
        await _api.CreateAsync(Given.Segment(_tenant, "third"));
        using var watch = Watch(new WatchRequest { Parent = Parent, StartRevision = 2 });

        var seen = (await ReadAsync(watch, 1)).Single();

        (seen.Type, seen.Name, seen.Revision).ShouldBe((EventType.Put, $"{Parent}/segments/third", 3));
    }

    [Fact]
    public async Task Only_the_kinds_that_were_asked_for_are_shown()
    {
        await _api.ApplyAsync(Given.Shop(_tenant));
        using var watch = Watch(new WatchRequest { Parent = Parent, Kinds = { "endpoint", "policy" } });

        (await ReadAsync(watch, 3)).Select(one => one.Name.Split('/').ElementAtOrDefault(2)).ShouldBe(["endpoints", "endpoints", null]);
        await _api.ApplyAsync(Given.Segment(_tenant, "unseen"), Given.Policy(_tenant, "p", "web", "80"));
        (await ReadAsync(watch, 1)).Single().Name.ShouldBe($"{Parent}/policies/p");
    }

    [Fact]
    public async Task Tenants_that_come_and_go_are_seen_without_a_parent_and_without_the_directorys_etag()
    {
        using var watch = Watch(new WatchRequest());
        while ((await ReadAsync(watch, 1)).Single().Type != EventType.Bookmark)
        {
        }

        await _api.ApplyAsync(Given.Shop(_tenant));
        var come = (await ReadAsync(watch, 1)).Single();
        while (come.Name != Parent)
        {
            come = (await ReadAsync(watch, 1)).Single();
        }

        (come.Type, come.Object.Tenant.Name, come.Object.Tenant.Metadata.Etag).ShouldBe((EventType.Put, Parent, ""));
    }

    [Fact]
    public async Task The_clusters_own_objects_are_watched_without_a_parent()
    {
        await _api.ApplyAsync(Given.Node(_tenant));
        using var watch = Watch(new WatchRequest { Kinds = { "networkSet" } });
        while ((await ReadAsync(watch, 1)).Single().Type != EventType.Bookmark)
        {
        }

        await _api.ApplyAsync(Given.NetworkSet(_tenant, "192.0.2.0/24"));

        var seen = (await ReadAsync(watch, 1)).Single();
        while (seen.Name != $"networkSets/{_tenant}")
        {
            // Another test's.
            seen = (await ReadAsync(watch, 1)).Single();
        }

        seen.Object.NetworkSet.Spec.Cidrs.ShouldBe(["192.0.2.0/24"]);
    }

    [Fact]
    public async Task A_tenant_that_is_not_there_yet_is_waited_for()
    {
        using var watch = Watch(new WatchRequest { Parent = Parent });
        (await ReadAsync(watch, 1).WaitAsync(TimeSpan.FromSeconds(5), Calls.Api.Cancelled)).Single().Type.ShouldBe(EventType.Bookmark);
        var next = ReadAsync(watch, 1);
        await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(200), Calls.Api.Cancelled));
        next.IsCompleted.ShouldBeFalse("one bookmark is enough");

        await _api.ApplyAsync(Given.Tenant(_tenant));

        (await next).Single().Name.ShouldBe(Parent);
    }

    [Fact]
    public async Task A_revision_that_is_not_remembered_is_refused()
    {
        await _api.ApplyAsync(Given.Tenant(_tenant));
        using var ahead = Watch(new WatchRequest { Parent = Parent, StartRevision = 1000 });

        var refusal = await Refusal.OfAsync(() => ahead.ResponseStream.MoveNext(Calls.Api.Cancelled));

        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.OutOfRange, "REVISION_COMPACTED"));
    }

    [Theory]
    [InlineData("shop", "")]
    [InlineData("", "colour")]
    [InlineData("tenants/a/segments/b", "")]
    public async Task A_watch_of_what_cannot_be_is_refused(string parent, string kind)
    {
        using var watch = Watch(new WatchRequest { Parent = parent, Kinds = { kind.Length > 0 ? [kind] : (string[])[] } });

        (await Refusal.OfAsync(() => watch.ResponseStream.MoveNext(Calls.Api.Cancelled))).Code.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task A_silo_that_stops_says_so_to_its_watchers()
    {
        await using var silo = await TestSilo.StartAsync();
        var api = new Calls.Api(silo);
        await api.ApplyAsync(Given.Shop("shop"));
        using var watch = api.Resources.Watch(new WatchRequest { Parent = "tenants/shop" }, cancellationToken: Calls.Api.Cancelled);
        await ReadAsync(watch, 6);

        var stopping = silo.StopAsync();
        var refusal = await Refusal.OfAsync(() => watch.ResponseStream.MoveNext(Calls.Api.Cancelled));
        await stopping;

        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.Unavailable, "SHUTTING_DOWN"));
    }

    private static async Task<List<WatchEvent>> ReadAsync(AsyncServerStreamingCall<WatchEvent> watch, int count)
    {
        List<WatchEvent> events = [];
        while (events.Count < count)
        {
            (await watch.ResponseStream.MoveNext(Calls.Api.Cancelled)).ShouldBeTrue();
            events.Add(watch.ResponseStream.Current);
        }

        return events;
    }

    private AsyncServerStreamingCall<WatchEvent> Watch(WatchRequest request) => _api.Resources.Watch(request, cancellationToken: Calls.Api.Cancelled);
}
