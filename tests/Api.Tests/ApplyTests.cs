using Google.Protobuf;
using Grpc.Core;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;
using Metadata = Vallum.Contracts.Api.V1.Metadata;

namespace Vallum.Api.Tests;

public sealed class ApplyTests(SharedSilo shared)
{
    private readonly Calls.Api _api = shared.Api;
    private readonly string _one = SharedSilo.NewName();
    private readonly string _two = SharedSilo.NewName();

    [Fact]
    public async Task One_bad_object_changes_nothing_anywhere()
    {
        IMessage[] objects =
        [
            Given.NetworkSet(_one, "192.0.2.0/24"), Given.Node(_one), .. Given.Shop(_one), .. Given.Shop(_two),
            Given.Policy(_two, "p", "nowhere", "80"),
        ];

        var refusal = await Refusal.OfAsync(() => _api.ApplyAsync(objects));

        refusal.Reason.ShouldBe("UNKNOWN_SEGMENT");
        refusal.Fields.ShouldBe([$"objects[{objects.Length - 1}].spec.subject[0].segments"]);
        await NotThereAsync("Tenant", $"tenants/{_one}");
        await NotThereAsync("Tenant", $"tenants/{_two}");
        await NotThereAsync("NetworkSet", $"networkSets/{_one}");
        await NotThereAsync("Node", $"nodes/{_one}");
    }

    [Fact]
    public async Task An_address_given_to_two_tenants_in_one_apply_changes_nothing_anywhere()
    {
        var address = SharedSilo.NewAddress();

        var refusal = await Refusal.OfAsync(() => _api.ApplyAsync(
            [.. Given.Shop(_one), .. Given.Shop(_two), Given.Endpoint(_one, "x", address: address), Given.Endpoint(_two, "x", address: address)]));

        refusal.Reason.ShouldBe("ADDRESS_IN_USE");
        refusal.Fields.ShouldBe(["objects[11].spec.addresses[0]"]);
        await NotThereAsync("Tenant", $"tenants/{_one}");
        await NotThereAsync("Tenant", $"tenants/{_two}");
    }

    [Fact]
    public async Task An_address_of_a_third_tenant_changes_nothing_anywhere()
    {
        var address = SharedSilo.NewAddress();
        var third = SharedSilo.NewName();
        await _api.ApplyAsync([.. Given.Shop(third), Given.Endpoint(third, "x", address: address)]);

        var refusal = await Refusal.OfAsync(() => _api.ApplyAsync(
            [Given.NetworkSet(_one, "192.0.2.0/24"), .. Given.Shop(_one), .. Given.Shop(_two), Given.Endpoint(_two, "x", address: address)]));

        (refusal.Reason, refusal.Fields.Single()).ShouldBe(("ADDRESS_IN_USE", "objects[11].spec.addresses[0]"));
        await NotThereAsync("NetworkSet", $"networkSets/{_one}");
        await NotThereAsync("Tenant", $"tenants/{_one}");
        await NotThereAsync("Tenant", $"tenants/{_two}");
    }

    [Fact]
    public async Task The_order_of_objects_does_not_matter()
    {
        IMessage[] objects =
        [
            Given.NetworkSet(_one, "192.0.2.0/24"), .. Given.Shop(_one), Given.Policy(_one, "p", "web", "80", Given.FromSet(_one), Given.From("db")),
        ];

        var response = await _api.ApplyAsync([.. objects.Reverse()]);

        response.Changes.Select(change => change.Name).ShouldBe(objects.Reverse().Select(Calls.Api.NameOf));
        response.Changes.ShouldAllBe(change => change.Type == ChangeType.Created && change.Etag.Length > 0 && change.Before == null && change.After == null);
        response.Revisions.Select(revision => revision.Scope).ShouldBe(["", $"tenants/{_one}"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_is_already_so_is_unchanged_and_makes_no_revision()
    {
        IMessage[] objects = [Given.NetworkSet(_one, "192.0.2.0/24"), .. Given.Shop(_one), .. Given.Shop(_two)];
        var first = await _api.ApplyAsync(objects);

        var second = await _api.ApplyAsync(objects);

        second.Changes.ShouldAllBe(change => change.Type == ChangeType.Unchanged);
        second.Changes.Select(change => change.Etag).ShouldBe(first.Changes.Select(change => change.Etag));
        RevisionOf(second, $"tenants/{_one}").ShouldBe(RevisionOf(first, $"tenants/{_one}"));
    }

    [Fact]
    public async Task Deletes_go_with_puts_and_a_tenant_with_all_that_it_owns()
    {
        await _api.ApplyAsync([.. Given.Shop(_one), .. Given.Shop(_two)]);
        var request = Given.Apply(Given.Segment(_one, "new"));
        request.Deletes.Add([$"tenants/{_one}/endpoints/w", $"tenants/{_one}/segments/web", $"tenants/{_one}/endpoints/none", $"tenants/{_two}"]);

        var response = await _api.Resources.ApplyAsync(request, cancellationToken: Calls.Api.Cancelled);

        response.Changes.Select(change => change.Type).ShouldBe(
            [ChangeType.Created, ChangeType.Deleted, ChangeType.Deleted, ChangeType.Unchanged, ChangeType.Deleted]);
        await NotThereAsync("Endpoint", $"tenants/{_two}/endpoints/w");
        await NotThereAsync("Segment", $"tenants/{_one}/segments/web");
        var again = await _api.Resources.ApplyAsync(Given.Deletes($"tenants/{_two}"), cancellationToken: Calls.Api.Cancelled);
        again.Changes.Single().Type.ShouldBe(ChangeType.Unchanged);
    }

    [Fact]
    public async Task A_tenant_and_what_it_owns_may_be_deleted_by_name_together()
    {
        await _api.ApplyAsync([.. Given.Shop(_one), Given.Policy(_one, "p", "web", "80")]);

        await _api.Resources.ApplyAsync(
            Given.Deletes($"tenants/{_one}/endpoints/w", $"tenants/{_one}", $"tenants/{_one}/policies/p", $"tenants/{_one}/segments/web"),
            cancellationToken: Calls.Api.Cancelled);

        await NotThereAsync("Tenant", $"tenants/{_one}");
        await NotThereAsync("Segment", $"tenants/{_one}/segments/db");
    }

    [Fact]
    public async Task A_deleted_tenant_frees_its_addresses_and_may_come_again()
    {
        var address = SharedSilo.NewAddress();
        await _api.ApplyAsync([.. Given.Shop(_one), Given.Endpoint(_one, "x", address: address)]);
        await _api.Resources.ApplyAsync(Given.Deletes($"tenants/{_one}"), cancellationToken: Calls.Api.Cancelled);

        await _api.ApplyAsync([.. Given.Shop(_two), Given.Endpoint(_two, "x", address: address)]);
        await _api.ApplyAsync(Given.Tenant(_one));

        (await _api.ListAsync("Segment", new ListRequest { Parent = $"tenants/{_one}" })).Objects.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_named_twice_is_refused_by_its_second_place()
    {
        var request = Given.Apply(Given.Tenant(_one), Given.Tenant(_one), Given.Tenant(_two));
        request.Deletes.Add($"tenants/{_two}");

        var refusal = await Refusal.OfAsync(_api.Resources.ApplyAsync(request, cancellationToken: Calls.Api.Cancelled));

        refusal.Reason.ShouldBe("DUPLICATE_NAME");
        refusal.Fields.ShouldBe(["objects[1].name", "deletes[0]"]);
    }

    [Fact]
    public async Task Validation_alone_shows_before_and_after_and_changes_nothing()
    {
        await _api.ApplyAsync(Given.Shop(_one));
        var request = Given.Apply(Given.Tenant(_one, Posture.Deny), Given.Segment(_one, "new"), Given.Segment(_one, "web"));
        request.Deletes.Add($"tenants/{_one}/endpoints/d");
        request.ValidateOnly = true;

        var response = await _api.Resources.ApplyAsync(request, cancellationToken: Calls.Api.Cancelled);

        response.Changes.Select(change => change.Type).ShouldBe([ChangeType.Updated, ChangeType.Created, ChangeType.Unchanged, ChangeType.Deleted]);
        response.Changes[0].Before.Tenant.Spec.DefaultIngress.ShouldBe(Posture.Unspecified);
        response.Changes[0].After.Tenant.Spec.DefaultIngress.ShouldBe(Posture.Deny);
        response.Changes[1].Before.ShouldBeNull();
        response.Changes[3].After.ShouldBeNull();
        await NotThereAsync("Segment", $"tenants/{_one}/segments/new");
        await _api.GetAsync("Endpoint", $"tenants/{_one}/endpoints/d");
    }

    [Fact]
    public async Task Validation_of_a_policy_and_the_network_set_that_it_names_together_is_good()
    {
        var request = Given.Apply([.. Given.Shop(_one), Given.Policy(_one, "p", "web", "80", Given.FromSet(_one)), Given.NetworkSet(_one, "192.0.2.0/24")]);
        request.ValidateOnly = true;

        (await _api.Resources.ApplyAsync(request, cancellationToken: Calls.Api.Cancelled)).Changes.ShouldAllBe(change => change.Type == ChangeType.Created);
    }

    [Fact]
    public async Task A_stale_etag_of_one_object_stops_the_whole_apply()
    {
        await _api.ApplyAsync(Given.Shop(_one));
        var segment = Given.Segment(_one, "web");
        segment.Metadata = new Metadata { Etag = "stale" };

        var refusal = await Refusal.OfAsync(() => _api.ApplyAsync(Given.Segment(_one, "new"), segment));

        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.Aborted, "ETAG_MISMATCH"));
        await NotThereAsync("Segment", $"tenants/{_one}/segments/new");
    }

    [Fact]
    public async Task An_apply_of_nothing_does_nothing() => (await _api.ApplyAsync()).ShouldBe(new ApplyResponse());

    private static long RevisionOf(ApplyResponse response, string scope) => response.Revisions.Single(revision => revision.Scope == scope).Revision;

    private async Task NotThereAsync(string kind, string name) => (await Refusal.OfAsync(() => _api.GetAsync(kind, name))).Code.ShouldBe(StatusCode.NotFound);
}
