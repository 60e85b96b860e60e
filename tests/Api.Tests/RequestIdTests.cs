using Grpc.Core;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;

namespace Vallum.Api.Tests;

/// <summary>A retry with the same request id is answered as the first try was, and changes nothing again.</summary>
public sealed class RequestIdTests(SharedSilo shared)
{
    private readonly Calls.Api _api = shared.Api;

    [Fact]
    public async Task A_retry_is_answered_as_the_first_try_was()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Tenant(tenant));
        var segment = Given.Segment(tenant, "web");

        var created = await _api.CreateAsync(segment, "create");
        (await _api.CreateAsync(segment, "create")).ShouldBe(created);
        var updated = await _api.UpdateAsync(Given.Changed(created, "yes"), "update");
        (await _api.UpdateAsync(Given.Changed(created, "yes"), "update")).ShouldBe(updated);
        await _api.DeleteAsync("Segment", new DeleteRequest { Name = segment.Name, RequestId = "delete" });
        await _api.DeleteAsync("Segment", new DeleteRequest { Name = segment.Name, RequestId = "delete" });
    }

    [Fact]
    public async Task A_tenant_deleted_by_force_is_deleted_once()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Shop(tenant));
        var request = new DeleteRequest { Name = $"tenants/{tenant}", Force = true, RequestId = "gone" };

        await _api.DeleteAsync("Tenant", request);
        await _api.DeleteAsync("Tenant", request);
    }

    [Fact]
    public async Task An_apply_to_many_tenants_with_etags_is_answered_twice()
    {
        var (one, two) = (SharedSilo.NewName(), SharedSilo.NewName());
        await _api.ApplyAsync([.. Given.Shop(one), .. Given.Shop(two)]);
        var seen = await _api.GetAsync("Segment", $"tenants/{one}/segments/web");
        var changed = Given.Changed(seen, "yes");
        Calls.Api.MetadataOf(changed).Etag = Calls.Api.MetadataOf(seen).Etag;
        var request = Given.Apply(changed, Given.Segment(two, "more"));
        request.RequestId = SharedSilo.NewName();

        var first = await _api.Resources.ApplyAsync(request, cancellationToken: Calls.Api.Cancelled);
        var second = await _api.Resources.ApplyAsync(request, cancellationToken: Calls.Api.Cancelled);

        second.Changes.ShouldBe(first.Changes);
        second.Revisions.ShouldBe(first.Revisions, ignoreOrder: true);
    }

    [Fact]
    public async Task An_id_that_was_used_for_something_else_or_is_too_long_is_refused()
    {
        var tenant = SharedSilo.NewName();
        var request = Given.Apply(Given.Shop(tenant));
        request.RequestId = "one";
        await _api.Resources.ApplyAsync(request, cancellationToken: Calls.Api.Cancelled);

        var reused = await Refusal.OfAsync(() => _api.CreateAsync(Given.Segment(tenant, "more"), "one"));
        (reused.Code, reused.Reason).ShouldBe((StatusCode.InvalidArgument, "REQUEST_ID_REUSED"));
        var tooLong = await Refusal.OfAsync(() => _api.CreateAsync(Given.Segment(tenant, "more"), new string('x', 65)));
        (tooLong.Code, tooLong.Fields.Single()).ShouldBe((StatusCode.InvalidArgument, "request_id"));
    }

    [Fact]
    public async Task A_restart_forgets_neither_objects_nor_what_was_answered()
    {
        var first = await TestSilo.StartAsync();
        await using var before = first;
        var api = new Calls.Api(first);
        await api.ApplyAsync(Given.Shop("shop"));
        var policy = Given.Policy("shop", "p", "web", "80");
        var created = await api.CreateAsync(policy, "once");

        await using var second = await first.RestartAsync();
        var again = new Calls.Api(second);

        (await again.CreateAsync(policy, "once")).ShouldBe(created);
        (await Refusal.OfAsync(() => again.CreateAsync(policy, "twice"))).Code.ShouldBe(StatusCode.AlreadyExists);
        (await again.ListAsync("Endpoint", new ListRequest { Parent = "tenants/-" })).Objects.Count.ShouldBe(2);
        var repeated = await again.ApplyAsync(Given.Tenant("shop"));
        repeated.Changes.ShouldAllBe(change => change.Type == ChangeType.Unchanged);
    }
}
