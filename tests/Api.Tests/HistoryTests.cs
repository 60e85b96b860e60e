using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;

namespace Vallum.Api.Tests;

/// <summary>Who changed what, from what to what.</summary>
public sealed class HistoryTests(SharedSilo shared)
{
    private readonly Calls.Api _api = shared.Api;

    public static TheoryData<string> Kinds => Given.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_change_is_told_with_who_what_before_and_after(string kind)
    {
        var sample = await Given.SampleAsync(_api, kind);
        var name = Calls.Api.NameOf(sample);
        var (create, update) = (SharedSilo.NewName(), SharedSilo.NewName());
        var created = await _api.CreateAsync(sample, create);
        var updated = await _api.UpdateAsync(Given.Changed(created, "yes"), update);
        await _api.DeleteAsync(kind, new DeleteRequest { Name = name });

        var entries = await ListAsync(name, kind);

        entries.Select(entry => entry.Type).ShouldBe([ChangeType.Deleted, ChangeType.Updated, ChangeType.Created]);
        entries.ShouldAllBe(entry => entry.Name == name && entry.Actor == "anonymous@127.0.0.1" && !entry.Current && entry.Time != null);
        entries.Skip(1).Select(entry => entry.RequestId).ShouldBe([update, create]);
        entries[0].RequestId.ShouldStartWith("api-");
        entries.Select(entry => entry.Generation).ShouldBe([0, 2, 1]);
        entries[0].Revision.ShouldBeGreaterThan(entries[1].Revision);
        AsStored(entries[2].After).ShouldBe(AsStored(created));
        AsStored(entries[1].After).ShouldBe(AsStored(updated));
        entries[2].Before.ShouldBeNull();
        entries[0].After.ShouldBeNull();
        if (kind == "Endpoint")
        {
            // They come and go by the thousand.
            entries.ShouldAllBe(entry => entry.Before == null);
        }
        else
        {
            AsStored(entries[1].Before).ShouldBe(AsStored(created));
            AsStored(entries[0].Before).ShouldBe(AsStored(updated));
        }

        await _api.CreateAsync(sample);
        (await ListAsync(name, kind))[0].Current.ShouldBeTrue();
    }

    [Fact]
    public async Task What_was_refused_or_changed_nothing_is_no_history()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Tenant(tenant));
        await _api.ApplyAsync(Given.Tenant(tenant));
        await Refusal.OfAsync(() => _api.ApplyAsync(Given.Policy(tenant, "p", "nowhere", "80")));

        (await ListAsync($"tenants/{tenant}")).ShouldHaveSingleItem().Type.ShouldBe(ChangeType.Created);
    }

    [Fact]
    public async Task A_tenant_that_goes_takes_its_objects_along_and_not_its_history()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Shop(tenant));
        await _api.DeleteAsync("Tenant", new DeleteRequest { Name = $"tenants/{tenant}", Force = true });

        var entries = await ListAsync($"tenants/{tenant}");

        entries.Count(entry => entry.Type == ChangeType.Deleted).ShouldBe(5);
        entries.Count(entry => entry.Type == ChangeType.Created).ShouldBe(5);
        entries.Take(5).ShouldAllBe(entry => entry.Type == ChangeType.Deleted && (entry.Before != null || entry.Name.Contains("endpoints")));
    }

    [Fact]
    public async Task Pages_tell_each_change_once_while_others_are_made()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Shop(tenant));
        for (var i = 0; i < 20; i++)
        {
            await _api.ApplyAsync(Given.Changed(Given.Segment(tenant, "web"), $"v{i}"));
        }

        var request = new ListHistoryRequest { Parent = $"tenants/{tenant}", PageSize = 4 };
        List<HistoryEntry> seen = [];
        do
        {
            var page = await _api.History.ListHistoryAsync(request, cancellationToken: Calls.Api.Cancelled);
            page.Entries.Count.ShouldBeLessThanOrEqualTo(4);
            seen.AddRange(page.Entries);
            request.PageToken = page.NextPageToken;
            await _api.ApplyAsync(Given.Changed(Given.Segment(tenant, "db"), $"v{seen.Count}"));
        }
        while (request.PageToken.Length > 0);

        seen.Count.ShouldBe(25);
        seen.Select(entry => (entry.Revision, entry.Name)).Distinct().Count().ShouldBe(25);
        seen.Select(entry => entry.Revision).ShouldBe(seen.Select(entry => entry.Revision).OrderDescending());
    }

    [Fact]
    public async Task Kinds_actor_and_time_choose()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Shop(tenant));
        var all = await ListAsync($"tenants/{tenant}");
        all.Count.ShouldBe(5);

        (await ListAsync($"tenants/{tenant}", "Segment")).ShouldAllBe(entry => entry.Name.Contains("/segments/"));
        async Task<int> CountAsync(Action<ListHistoryRequest> choose)
        {
            var request = new ListHistoryRequest { Parent = $"tenants/{tenant}" };
            choose(request);
            return (await _api.History.ListHistoryAsync(request, cancellationToken: Calls.Api.Cancelled)).Entries.Count;
        }

        (await CountAsync(request => request.Actor = all[0].Actor)).ShouldBe(5);
        (await CountAsync(request => request.Actor = "somebody")).ShouldBe(0);
        (await CountAsync(request => request.Since = all[0].Time)).ShouldBe(5);
        (await CountAsync(request => request.Until = all[0].Time)).ShouldBe(0);
        (await CountAsync(request => request.Since = all[0].Time + Duration.FromTimeSpan(TimeSpan.FromHours(1)))).ShouldBe(0);
    }

    [Fact]
    public async Task The_clusters_own_history_has_nothing_of_tenants()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Tenant(tenant), Given.Node(tenant));

        var request = new ListHistoryRequest { PageSize = 1000 };
        var entries = (await _api.History.ListHistoryAsync(request, cancellationToken: Calls.Api.Cancelled)).Entries;

        entries.ShouldContain(entry => entry.Name == $"nodes/{tenant}");
        entries.ShouldAllBe(entry => !entry.Name.StartsWith("tenants/"));
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused()
    {
        async Task ShouldRefuse(ListHistoryRequest request, StatusCode code, string reason)
        {
            var refusal = await Refusal.OfAsync(_api.History.ListHistoryAsync(request, cancellationToken: Calls.Api.Cancelled));
            (refusal.Code, refusal.Reason).ShouldBe((code, reason));
        }

        await ShouldRefuse(new ListHistoryRequest { Parent = "tenants/nobody-here" }, StatusCode.NotFound, "NOT_FOUND");
        await ShouldRefuse(new ListHistoryRequest { Parent = "policies/none" }, StatusCode.NotFound, "NOT_FOUND");
        await ShouldRefuse(new ListHistoryRequest { Parent = "shop" }, StatusCode.InvalidArgument, "INVALID_PARENT");
        await ShouldRefuse(new ListHistoryRequest { PageSize = 1001 }, StatusCode.InvalidArgument, "OUT_OF_RANGE");
        await ShouldRefuse(new ListHistoryRequest { Kinds = { "car" } }, StatusCode.InvalidArgument, "UNKNOWN_KIND");
        await ShouldRefuse(new ListHistoryRequest { PageToken = "x" }, StatusCode.InvalidArgument, "INVALID_PAGE_TOKEN");
    }

    /// <summary>Without what the silo says of the object's status.</summary>
    private static Contracts.Api.V1.Object AsStored(IMessage value)
    {
        var item = (value as Contracts.Api.V1.Object ?? ApiObjects.Wrap(value)).Clone();
        (item.Policy ?? new Policy()).Status = null;
        (item.Node ?? new Node()).Status = null;
        return item;
    }

    private async Task<List<HistoryEntry>> ListAsync(string parent, string? kind = null)
    {
        var request = new ListHistoryRequest { Parent = parent };
        request.Kinds.Add(kind is null ? [] : [char.ToLowerInvariant(kind[0]) + kind[1..]]);
        return [.. (await _api.History.ListHistoryAsync(request, cancellationToken: Calls.Api.Cancelled)).Entries];
    }
}
