using Grpc.Core;
using Vallum.Contracts.Api.V1;
using Vallum.Security.Tests.Given;
using Item = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Security.Tests;

/// <summary>A tenant's credentials see and change that tenant only.</summary>
public sealed class TenantTests(SecureSilo silo)
{
    [Fact]
    public async Task An_apply_with_anything_foreign_is_refused_whole_with_all_that_is()
    {
        using var editor = silo.Of("vallum:editor:shop");
        using var admin = silo.Admin();
        var apply = new ApplyRequest
        {
            Objects =
            {
                new Item { Segment = new Segment { Name = "tenants/shop/segments/stays-out" } },
                new Item { Segment = new Segment { Name = "tenants/bank/segments/mine" } },
                new Item { Node = new Node { Name = "nodes/n9" } },
            },
            Deletes = { "tenants/bank/endpoints/web-1", "tenants/shop" },
        };

        var refusal = await Refusal.OfAsync(async () => await editor.Resources.ApplyAsync(apply, editor.Call));

        refusal.Code.ShouldBe(StatusCode.PermissionDenied);
        refusal.Violations.Select(v => v.Field).ShouldBe(["objects[1]", "objects[2]", "deletes[0]", "deletes[1]"]);
        refusal.Violations[0].Description.ShouldContain("editor of tenant bank");
        var segments = new SegmentService.SegmentServiceClient(admin.Channel);
        (await segments.ListSegmentsAsync(new ListRequest { Parent = "tenants/-" }, admin.Call)).Segments.Select(s => s.Name)
            .ShouldNotContain(name => name.EndsWith("stays-out", StringComparison.Ordinal) || name.EndsWith("mine", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_over_all_tenants_shows_what_the_caller_may_read()
    {
        using var viewer = silo.Of("vallum:viewer:bank");

        (await viewer.Tenants.ListTenantsAsync(new ListRequest(), viewer.Call)).Tenants.ShouldHaveSingleItem().Name.ShouldBe("tenants/bank");
        (await new EndpointService.EndpointServiceClient(viewer.Channel).ListEndpointsAsync(new ListRequest { Parent = "tenants/-" }, viewer.Call)).Endpoints
            .ShouldHaveSingleItem().Name.ShouldBe("tenants/bank/endpoints/web-1");
        (await new AnalysisService.AnalysisServiceClient(viewer.Channel).GetReachabilityAsync(new GetReachabilityRequest { Port = 80 }, viewer.Call)).Endpoints
            .ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_editor_changes_its_own_and_is_remembered_by_name()
    {
        using var ann = silo.As(silo.Files.User("ann"));

        var answer = await ann.Resources.ApplyAsync(
            new ApplyRequest { Objects = { new Item { Segment = new Segment { Name = "tenants/shop/segments/anns" } } } }, ann.Call);

        answer.Changes.ShouldHaveSingleItem().Type.ShouldBe(ChangeType.Created);
    }

    [Theory]
    [InlineData("10.2.0.1")]
    [InlineData("10.9.0.1")]
    public async Task An_address_of_somebody_else_is_not_explained_nor_told_whose_it_is(string address)
    {
        using var viewer = silo.Of("vallum:viewer:shop");
        var request = new ExplainFlowRequest { Source = "tenants/shop/endpoints/web-1", Destination = address, Port = 80 };

        var refusal = await Refusal.OfAsync(async () => await new AnalysisService.AnalysisServiceClient(viewer.Channel).ExplainFlowAsync(request, viewer.Call));

        refusal.Code.ShouldBe(StatusCode.PermissionDenied);
        refusal.Message.ShouldNotContain("bank");
        refusal.Message.ShouldNotContain("n1");
    }

    [Fact]
    public async Task An_address_that_another_tenant_has_is_told_to_be_taken_but_not_by_whom()
    {
        using var editor = silo.Of("vallum:editor:shop");
        var spec = new EndpointSpec { Segment = "web", Node = "n1", Addresses = { "10.2.0.1" } };
        var apply = new ApplyRequest { Objects = { new Item { Endpoint = new Endpoint { Name = "tenants/shop/endpoints/thief", Spec = spec } } } };

        var refusal = await Refusal.OfAsync(async () => await editor.Resources.ApplyAsync(apply, editor.Call));

        refusal.Reason.ShouldBe("ADDRESS_IN_USE");
        refusal.Violations.ShouldHaveSingleItem().Description.ShouldNotContain("bank");
    }

    [Fact]
    public async Task Who_has_no_role_reads_nothing_but_the_version()
    {
        using var nobody = silo.As(silo.Files.User("nobody", "some-team"));

        await nobody.VersionAsync();
        (await Refusal.OfAsync(async () => await nobody.Tenants.ListTenantsAsync(new ListRequest(), nobody.Call))).Reason.ShouldBe("ROLE_MISSING");
    }

    [Fact]
    public async Task A_stream_ends_when_the_role_that_it_stands_on_is_taken_back()
    {
        using var files = new Files();
        var access = files.Write("access.json", """{"bindings": [{"role": "viewer", "users": ["user:ann"]}]}""");
        await using var own = await SecureSilo.StartAsync(files, files.FolderOf("data"), files.Silo("s1"), ("access", access));
        using var ann = new Client(own.Address, files.Authority, files.User("ann"));
        using var watch = ann.Resources.Watch(new WatchRequest(), ann.Call);
        (await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken)).ShouldBeTrue();

        files.Write("access.json", """{"bindings": [{"role": "viewer", "tenants": ["shop"], "users": ["user:ann"]}]}""");

        await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(TestContext.Current.CancellationToken))
            {
            }
        });
        (await Refusal.OfAsync(async () => await ann.Status.GetClusterStatusAsync(new GetClusterStatusRequest(), ann.Call))).Reason.ShouldBe("ROLE_MISSING");
    }
}
