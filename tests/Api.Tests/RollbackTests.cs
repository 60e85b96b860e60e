using Grpc.Core;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;

namespace Vallum.Api.Tests;

/// <summary>An object is made what it was; by a change like any other.</summary>
public sealed class RollbackTests(SharedSilo shared)
{
    private readonly Calls.Api _api = shared.Api;

    public static TheoryData<string> Kinds => Given.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_was_changed_goes_back_and_what_was_deleted_comes_back(string kind)
    {
        var sample = await Given.SampleAsync(_api, kind);
        var name = Calls.Api.NameOf(sample);
        var created = await _api.CreateAsync(sample);
        var changed = await _api.UpdateAsync(Given.Changed(created, "yes"));

        var back = await RollbackAsync(name);
        (back.Type, back.RestoredRevision).ShouldBe((ChangeType.Updated, Calls.Api.MetadataOf(created).Revision));
        LabelsOf(back.Before).ShouldContain("yes");
        var now = Calls.Api.MetadataOf(await _api.GetAsync(kind, name));
        (now.Uid, now.Generation, now.Revision).ShouldBe((Calls.Api.MetadataOf(created).Uid, 3, back.Revision.Revision));
        now.Labels.ShouldBe(Calls.Api.MetadataOf(created).Labels);

        await _api.DeleteAsync(kind, new DeleteRequest { Name = name });
        var again = await RollbackAsync(name, Calls.Api.MetadataOf(changed).Revision);
        (again.Type, again.Before).ShouldBe((ChangeType.Created, null));
        LabelsOf(again.Object).ShouldContain("yes");
        Calls.Api.MetadataOf(await _api.GetAsync(kind, name)).Uid.ShouldNotBe(now.Uid);
    }

    [Fact]
    public async Task What_rules_forbid_by_now_is_refused_as_in_an_update()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync([.. Given.Shop(tenant), Given.Segment(tenant, "old"), Given.Policy(tenant, "p", "web", "80", Given.From("old"))]);
        await _api.ApplyAsync(Given.Policy(tenant, "p", "web", "80", Given.From("db")));
        await _api.DeleteAsync("Segment", new DeleteRequest { Name = $"tenants/{tenant}/segments/old" });

        var refusal = await Refusal.OfAsync(() => RollbackAsync($"tenants/{tenant}/policies/p"));

        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.InvalidArgument, "UNKNOWN_SEGMENT"));
        refusal.Fields.ShouldHaveSingleItem().ShouldStartWith("spec.ingress[0].peers[0]");
        await RollbackAsync($"tenants/{tenant}/segments/old");
        (await RollbackAsync($"tenants/{tenant}/policies/p")).Object.Policy.Spec.Ingress[0].Peers[0].Endpoints.Segments.ShouldBe(["old"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_retry_is_answered_as_the_first_try_was_and_goes_back_once(long revision)
    {
        var tenant = SharedSilo.NewName();
        foreach (var label in (string[])["one", "two", "three"])
        {
            await _api.ApplyAsync(Given.Changed(Given.Tenant(tenant), label));
        }

        var request = new RollbackRequest { Name = $"tenants/{tenant}", Revision = revision, RequestId = SharedSilo.NewName() };
        var first = await _api.History.RollbackAsync(request, cancellationToken: Calls.Api.Cancelled);
        var second = await _api.History.RollbackAsync(request, cancellationToken: Calls.Api.Cancelled);

        second.ShouldBe(first);
        first.RestoredRevision.ShouldBe(revision == 0 ? 2 : 1);
        Calls.Api.MetadataOf(await _api.GetAsync("Tenant", request.Name)).Revision.ShouldBe(4);
    }

    [Fact]
    public async Task A_deleted_object_comes_back_once_whoever_retries()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Tenant(tenant));
        await _api.DeleteAsync("Tenant", new DeleteRequest { Name = $"tenants/{tenant}" });
        var request = new RollbackRequest { Name = $"tenants/{tenant}", RequestId = SharedSilo.NewName() };

        var first = await _api.History.RollbackAsync(request, cancellationToken: Calls.Api.Cancelled);

        (await _api.History.RollbackAsync(request, cancellationToken: Calls.Api.Cancelled)).ShouldBe(first);
    }

    [Fact]
    public async Task Validate_only_tells_what_would_be_and_changes_nothing()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Tenant(tenant));
        await _api.ApplyAsync(Given.Changed(Given.Tenant(tenant), "yes"));

        var would = await _api.History.RollbackAsync(
            new RollbackRequest { Name = $"tenants/{tenant}", ValidateOnly = true }, cancellationToken: Calls.Api.Cancelled);

        would.Type.ShouldBe(ChangeType.Updated);
        LabelsOf(would.Before).ShouldContain("yes");
        LabelsOf(would.Object).ShouldNotContain("yes");
        Calls.Api.MetadataOf(await _api.GetAsync("Tenant", $"tenants/{tenant}")).Revision.ShouldBe(2);
    }

    [Fact]
    public async Task What_it_was_already_is_unchanged_and_an_etag_holds()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Tenant(tenant));
        await _api.ApplyAsync(Given.Changed(Given.Tenant(tenant), "yes"));

        (await RollbackAsync($"tenants/{tenant}", 2)).Type.ShouldBe(ChangeType.Unchanged);
        var stale = new RollbackRequest { Name = $"tenants/{tenant}", Revision = 1, Etag = "1" };
        (await Refusal.OfAsync(_api.History.RollbackAsync(stale, cancellationToken: Calls.Api.Cancelled))).Reason.ShouldBe("ETAG_MISMATCH");
    }

    [Fact]
    public async Task A_revision_at_which_it_was_not_is_refused_and_says_why()
    {
        var tenant = SharedSilo.NewName();
        var segment = $"tenants/{tenant}/segments/more";
        await _api.ApplyAsync(Given.Tenant(tenant));
        await _api.ApplyAsync(Given.Segment(tenant, "more"));
        await _api.DeleteAsync("Segment", new DeleteRequest { Name = segment });
        await _api.ApplyAsync(Given.Segment(tenant, "more"));

        async Task ShouldRefuse(string name, long revision, StatusCode code, string reason, string why)
        {
            var refusal = await Refusal.OfAsync(() => RollbackAsync(name, revision));
            (refusal.Code, refusal.Reason).ShouldBe((code, reason));
            refusal.Message.ShouldContain(why);
        }

        await ShouldRefuse(segment, 1, StatusCode.FailedPrecondition, "DID_NOT_EXIST", "made at revision 2");
        await ShouldRefuse(segment, 3, StatusCode.FailedPrecondition, "DID_NOT_EXIST", "deleted at revision 3");
        await ShouldRefuse(segment, 0, StatusCode.FailedPrecondition, "DID_NOT_EXIST", "deleted at revision 3");
        await ShouldRefuse(segment, 5, StatusCode.OutOfRange, "REVISION_AHEAD", "newest is 4");
        await ShouldRefuse(segment, -1, StatusCode.InvalidArgument, "OUT_OF_RANGE", "-1");
        await ShouldRefuse($"tenants/{tenant}/segments/never", 1, StatusCode.NotFound, "NOT_FOUND", "never");
        await ShouldRefuse("never", 1, StatusCode.InvalidArgument, "INVALID_NAME", "never");
        (await RollbackAsync(segment, 2)).Type.ShouldBe(ChangeType.Unchanged);
    }

    [Fact]
    public async Task What_the_log_has_dropped_is_in_the_history_and_comes_back()
    {
        var name = SharedSilo.NewName();
        NetworkSet Version(int version) => Given.NetworkSet(name, [.. Enumerable.Range(0, 3000).Select(i => $"10.{version}.{i >> 8}.{i & 255}/32")]);
        var first = (await _api.ApplyAsync(Version(0))).Revisions[0].Revision;
        for (var version = 1; version <= 40; version++)
        {
            await _api.ApplyAsync(Version(version));
        }

        (await RollbackAsync($"networkSets/{name}", first)).Object.NetworkSet.Spec.Cidrs[0].ShouldBe("10.0.0.0/32");
        var request = new ListHistoryRequest { Parent = $"networkSets/{name}" };
        var seen = 0;
        do
        {
            var page = await _api.History.ListHistoryAsync(request, cancellationToken: Calls.Api.Cancelled);
            page.CalculateSize().ShouldBeLessThan(4 << 20);
            seen += page.Entries.Count;
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        seen.ShouldBe(42);
    }

    private static IEnumerable<string> LabelsOf(Contracts.Api.V1.Object value) => Manifests.Parsing.ApiObjects.MetadataOf(value)?.Labels.Values ?? [];

    private async Task<RollbackResponse> RollbackAsync(string name, long revision = 0) =>
        await _api.History.RollbackAsync(new RollbackRequest { Name = name, Revision = revision }, cancellationToken: Calls.Api.Cancelled);
}
