using Grpc.Core;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;

namespace Vallum.Api.Tests;

/// <summary>Everything that is wrong is said at once, with the path in the request.</summary>
public sealed class ViolationTests(SharedSilo shared)
{
    private readonly Calls.Api _api = shared.Api;

    [Fact]
    public async Task All_violations_of_an_object_are_told_at_once_by_field()
    {
        var refusal = await Refusal.OfAsync(() => _api.CreateAsync(Wrong("shop")));

        refusal.Code.ShouldBe(StatusCode.InvalidArgument);
        refusal.Violations.Select(violation => (violation.Field, violation.Reason)).ShouldBe(
            [
                ("policy.spec.priority", "PRIORITY_NOT_ALLOWED"),
                ("policy.spec.ingress[0].peers[0].ipBlock.cidr", "INVALID_CIDR"),
                ("policy.spec.ingress[0].peers[1].ipBlock.except[0]", "EXCEPT_OUTSIDE_CIDR"),
                ("policy.spec.ingress[0].services[0].ports[0]", "INVALID_PORT_RANGE"),
            ],
            ignoreOrder: true);
        refusal.Violations.ShouldAllBe(violation => violation.Description.Length > 0);
    }

    [Fact]
    public async Task All_violations_of_all_objects_of_an_apply_are_told_at_once()
    {
        var tenant = SharedSilo.NewName();
        var request = Given.Apply(Given.Tenant(tenant), Wrong(tenant), Given.Node("n1", "300.1.2.3"));
        request.Objects.Add(new Contracts.Api.V1.Object());
        request.Deletes.Add("what is this");

        var refusal = await Refusal.OfAsync(_api.Resources.ApplyAsync(request, cancellationToken: Calls.Api.Cancelled));

        (refusal.Code, refusal.Reason).ShouldBe((StatusCode.InvalidArgument, "INVALID_FIELDS"));
        refusal.Fields.ShouldBe(
            [
                "objects[1].spec.priority",
                "objects[1].spec.ingress[0].peers[0].ipBlock.cidr",
                "objects[1].spec.ingress[0].peers[1].ipBlock.except[0]",
                "objects[1].spec.ingress[0].services[0].ports[0]",
                "objects[2].spec.addresses[0]",
                "objects[3]",
                "deletes[0]",
            ],
            ignoreOrder: true);
        (await Refusal.OfAsync(() => _api.GetAsync("Tenant", $"tenants/{tenant}"))).Code.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task References_are_judged_by_the_path_of_what_names_them()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Shop(tenant));

        var refusal = await Refusal.OfAsync(() => _api.CreateAsync(Given.Policy(tenant, "p", "nowhere", "80", Given.From("none"), Given.FromSet("none"))));

        refusal.Violations.Select(violation => (violation.Field, violation.Reason)).ShouldBe(
            [
                ("policy.spec.subject[0].segments", "UNKNOWN_SEGMENT"),
                ("policy.spec.ingress[0].peers[0].endpoints.segments", "UNKNOWN_SEGMENT"),
                ("policy.spec.ingress[0].peers[1].networkSet", "UNKNOWN_NETWORK_SET"),
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task An_address_that_another_endpoint_has_is_refused_with_its_owner()
    {
        var (one, two) = (SharedSilo.NewName(), SharedSilo.NewName());
        var address = SharedSilo.NewAddress();
        await _api.ApplyAsync([.. Given.Shop(one), Given.Endpoint(one, "first", address: address)]);
        await _api.ApplyAsync(Given.Shop(two));

        foreach (var (tenant, validateOnly) in ((string, bool)[])[(one, false), (two, false), (one, true), (two, true)])
        {
            var refusal = await Refusal.OfAsync(() => _api.CreateAsync(Given.Endpoint(tenant, "second", address: address), validateOnly: validateOnly));
            (refusal.Code, refusal.Reason).ShouldBe((StatusCode.InvalidArgument, "ADDRESS_IN_USE"));
            refusal.Fields.ShouldBe(["endpoint.spec.addresses[0]"]);
            refusal.Message.ShouldContain($"{one}/first");
        }
    }

    [Fact]
    public async Task What_is_in_use_is_not_deleted()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync([.. Given.Shop(tenant), Given.NetworkSet(tenant, "192.0.2.0/24"), Given.Policy(tenant, "p", "web", "80", Given.FromSet(tenant))]);

        (await Refusal.OfAsync(() => _api.DeleteAsync("Segment", new DeleteRequest { Name = $"tenants/{tenant}/segments/web" }))).Code
            .ShouldBe(StatusCode.FailedPrecondition);
    }

    /// <summary>Wrong in four fields.</summary>
    private static Policy Wrong(string tenant)
    {
        var policy = Given.Policy(
            tenant,
            "wrong",
            "web",
            "90-80",
            new Peer { IpBlock = new IpBlock { Cidr = "10.0.0.0/33" } },
            new Peer { IpBlock = new IpBlock { Cidr = "10.0.0.0/8", Except = { "192.168.0.0/16" } } });
        policy.Spec.Priority = 7;
        return policy;
    }
}
