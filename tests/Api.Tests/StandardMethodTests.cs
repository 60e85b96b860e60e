using Grpc.Core;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;

namespace Vallum.Api.Tests;

public sealed class StandardMethodTests(SharedSilo shared)
{
    private readonly Calls.Api _api = shared.Api;

    public static TheoryData<string> Kinds => Given.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_object_is_created_read_listed_changed_and_deleted(string kind)
    {
        var sample = await Given.SampleAsync(_api, kind);
        var name = Calls.Api.NameOf(sample);

        var created = await _api.CreateAsync(sample);
        var metadata = Calls.Api.MetadataOf(created);
        metadata.Generation.ShouldBe(1);
        metadata.Uid.ShouldNotBeEmpty();
        metadata.Etag.ShouldNotBeEmpty();
        metadata.CreateTime.ShouldBe(metadata.UpdateTime);
        Calls.Api.MetadataOf(await _api.GetAsync(kind, name)).ShouldBe(metadata);

        var updated = Calls.Api.MetadataOf(await _api.UpdateAsync(Given.Changed(created, "yes")));
        updated.Generation.ShouldBe(2);
        updated.Uid.ShouldBe(metadata.Uid);
        updated.Etag.ShouldNotBe(metadata.Etag);
        updated.Revision.ShouldBeGreaterThan(metadata.Revision);
        updated.Labels["changed"].ShouldBe("yes");
        var (listed, _) = await _api.ListAsync(kind, new ListRequest { Parent = ParentOf(name), Filter = "changed=yes", PageSize = 1000 });
        listed.Select(Calls.Api.NameOf).ShouldContain(name);

        await _api.DeleteAsync(kind, new DeleteRequest { Name = name });
        var refusal = await Refusal.OfAsync(() => _api.GetAsync(kind, name));
        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.NotFound, "NOT_FOUND"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Only_what_is_as_it_was_seen_is_changed_or_deleted(string kind)
    {
        var created = await _api.CreateAsync(await Given.SampleAsync(_api, kind));
        var stale = Given.Changed(created, "late");
        Calls.Api.MetadataOf(stale).Etag = Calls.Api.MetadataOf(created).Etag;
        await _api.UpdateAsync(Given.Changed(created, "first"));

        var update = await Refusal.OfAsync(() => _api.UpdateAsync(stale));
        (update.Code, update.Reason).ShouldBe((StatusCode.Aborted, "ETAG_MISMATCH"));
        var delete = await Refusal.OfAsync(() => _api.DeleteAsync(kind, new DeleteRequest
        {
            Name = Calls.Api.NameOf(created),
            Etag = Calls.Api.MetadataOf(created).Etag,
        }));
        (delete.Code, delete.Reason).ShouldBe((StatusCode.Aborted, "ETAG_MISMATCH"));
        Calls.Api.MetadataOf(await _api.GetAsync(kind, Calls.Api.NameOf(created))).Labels["changed"].ShouldBe("first");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_exists_is_not_created_and_what_does_not_is_not_changed(string kind)
    {
        var sample = await Given.SampleAsync(_api, kind);

        var update = await Refusal.OfAsync(() => _api.UpdateAsync(sample));
        (update.Code, update.Reason).ShouldBe((StatusCode.NotFound, "NOT_FOUND"));
        var delete = await Refusal.OfAsync(() => _api.DeleteAsync(kind, new DeleteRequest { Name = Calls.Api.NameOf(sample) }));
        (delete.Code, delete.Reason).ShouldBe((StatusCode.NotFound, "NOT_FOUND"));
        await _api.DeleteAsync(kind, new DeleteRequest { Name = Calls.Api.NameOf(sample), AllowMissing = true });

        await _api.UpdateAsync(sample, allowMissing: true);
        var create = await Refusal.OfAsync(() => _api.CreateAsync(sample));
        (create.Code, create.Reason).ShouldBe((StatusCode.AlreadyExists, "ALREADY_EXISTS"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Validation_alone_answers_what_would_be_and_changes_nothing(string kind)
    {
        var sample = await Given.SampleAsync(_api, kind);
        var name = Calls.Api.NameOf(sample);

        Calls.Api.MetadataOf(await _api.CreateAsync(sample, validateOnly: true)).Generation.ShouldBe(1);
        (await Refusal.OfAsync(() => _api.GetAsync(kind, name))).Code.ShouldBe(StatusCode.NotFound);

        var created = await _api.CreateAsync(sample);
        Calls.Api.MetadataOf(await _api.UpdateAsync(Given.Changed(created, "maybe"), validateOnly: true)).Generation.ShouldBe(2);
        await _api.DeleteAsync(kind, new DeleteRequest { Name = name, ValidateOnly = true });
        Calls.Api.MetadataOf(await _api.GetAsync(kind, name)).ShouldBe(Calls.Api.MetadataOf(created));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_name_of_another_form_is_refused_by_every_method(string kind)
    {
        var sample = await Given.SampleAsync(_api, kind);
        sample.Descriptor.FindFieldByName("name").Accessor.SetValue(sample, "Wrong Name");
        Func<Task>[] calls =
        [
            () => _api.GetAsync(kind, "Wrong Name"),
            () => _api.CreateAsync(sample),
            () => _api.UpdateAsync(sample),
            () => _api.DeleteAsync(kind, new DeleteRequest { Name = "" }),
        ];

        foreach (var call in calls)
        {
            var refusal = await Refusal.OfAsync(call);
            (refusal.Code, refusal.Reason).ShouldBe((StatusCode.InvalidArgument, "INVALID_NAME"));
            refusal.Fields.ShouldHaveSingleItem().ShouldEndWith("name");
        }
    }

    [Fact]
    public async Task A_request_without_its_object_is_refused()
    {
        var refusal = await Refusal.OfAsync(_api.Policies.CreatePolicyAsync(new CreatePolicyRequest(), cancellationToken: Calls.Api.Cancelled));

        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.InvalidArgument, "REQUIRED"));
        refusal.Fields.ShouldBe(["policy"]);
    }

    [Fact]
    public async Task A_tenant_goes_with_all_that_it_owns_only_by_force()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Shop(tenant));

        var refusal = await Refusal.OfAsync(() => _api.DeleteAsync("Tenant", new DeleteRequest { Name = $"tenants/{tenant}" }));
        refusal.Code.ShouldBe(StatusCode.FailedPrecondition);
        (await _api.ListAsync("Endpoint", new ListRequest { Parent = $"tenants/{tenant}" })).Objects.Count.ShouldBe(2);

        await _api.DeleteAsync("Tenant", new DeleteRequest { Name = $"tenants/{tenant}", Force = true });
        (await Refusal.OfAsync(() => _api.GetAsync("Endpoint", $"tenants/{tenant}/endpoints/w"))).Code.ShouldBe(StatusCode.NotFound);
        (await Refusal.OfAsync(() => _api.DeleteAsync("Tenant", new DeleteRequest { Name = $"tenants/{tenant}", Force = true }))).Code.ShouldBe(StatusCode.NotFound);
        await _api.DeleteAsync("Tenant", new DeleteRequest { Name = $"tenants/{tenant}", Force = true, AllowMissing = true });
    }

    [Theory]
    [InlineData("Policy", "tenants/nobody/policies/p")]
    [InlineData("Segment", "tenants/nobody/segments/s")]
    public async Task What_nobody_owns_is_not_created(string kind, string name)
    {
        var refusal = await Refusal.OfAsync(() => _api.CreateAsync(
            kind == "Policy" ? Given.Policy("nobody", name.Split('/')[3], "web", "80") : Given.Segment("nobody", name.Split('/')[3])));

        refusal.Reason.ShouldBe("UNKNOWN_TENANT");
    }

    private static string ParentOf(string name) => name.Split('/') is ["tenants", var tenant, _, _] ? $"tenants/{tenant}" : "";
}
