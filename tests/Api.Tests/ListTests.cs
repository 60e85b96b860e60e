using Grpc.Core;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Api.V1;

namespace Vallum.Api.Tests;

public sealed class ListTests(SharedSilo shared)
{
    private readonly Calls.Api _api = shared.Api;

    [Fact]
    public async Task Pages_show_every_object_once_in_order_whatever_changes_meanwhile()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync([Given.Tenant(tenant), .. Enumerable.Range(0, 25).Select(i => Given.Segment(tenant, $"s{i:00}"))]);
        var request = new ListRequest { Parent = $"tenants/{tenant}", PageSize = 4 };
        List<string> seen = [];
        do
        {
            var (page, next) = await _api.ListAsync("Segment", request);
            page.Count.ShouldBeInRange(1, 4);
            seen.AddRange(page.Select(Calls.Api.NameOf));
            request.PageToken = next;
            if (seen.Count == 8)
            {
                await _api.DeleteAsync("Segment", new DeleteRequest { Name = $"tenants/{tenant}/segments/s07" });
                await _api.CreateAsync(Given.Segment(tenant, "s00a"));
            }
        }
        while (request.PageToken.Length > 0);

        seen.ShouldBe(Enumerable.Range(0, 25).Select(i => $"tenants/{tenant}/segments/s{i:00}"));
    }

    [Fact]
    public async Task Pages_of_all_tenants_go_on_from_tenant_to_tenant()
    {
        var prefix = SharedSilo.NewName();
        for (var i = 0; i < 3; i++)
        {
            await _api.ApplyAsync([.. Given.Shop($"{prefix}-{i}").Select(o => Given.Changed(o, prefix))]);
        }

        var request = new ListRequest { Parent = "tenants/-", Filter = $"changed={prefix}", PageSize = 1 };
        List<string> seen = [];
        do
        {
            var (page, next) = await _api.ListAsync("Endpoint", request);
            seen.AddRange(page.Select(Calls.Api.NameOf));
            request.PageToken = next;
        }
        while (request.PageToken.Length > 0);

        seen.ShouldBe(Enumerable.Range(0, 3).SelectMany(i => (string[])[$"tenants/{prefix}-{i}/endpoints/d", $"tenants/{prefix}-{i}/endpoints/w"]));
    }

    [Fact]
    public async Task A_page_token_is_bound_to_its_list()
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(Given.Shop(tenant));
        var (_, token) = await _api.ListAsync("Endpoint", new ListRequest { Parent = $"tenants/{tenant}", PageSize = 1 });
        token.ShouldNotBeEmpty();
        ListRequest[] others =
        [
            new() { Parent = "tenants/-", PageToken = token },
            new() { Parent = $"tenants/{tenant}", Filter = "app=web", PageToken = token },
            new() { Parent = $"tenants/{tenant}", PageToken = "junk" },
            new() { Parent = $"tenants/{tenant}", PageToken = "AAAA" },
        ];

        foreach (var other in others)
        {
            var refusal = await Refusal.OfAsync(() => _api.ListAsync("Endpoint", other));
            (refusal.Code, refusal.Reason, refusal.Fields.Single()).ShouldBe((StatusCode.InvalidArgument, "INVALID_PAGE_TOKEN", "page_token"));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1001)]
    public async Task A_page_size_that_cannot_be_is_refused(int size) =>
        (await Refusal.OfAsync(() => _api.ListAsync("Node", new ListRequest { PageSize = size }))).Fields.ShouldBe(["page_size"]);

    [Theory]
    [InlineData("Segment", "", "REQUIRED")]
    [InlineData("Endpoint", "", "REQUIRED")]
    [InlineData("Node", "tenants/-", "INVALID_PARENT")]
    [InlineData("Tenant", "tenants/shop", "INVALID_PARENT")]
    [InlineData("Policy", "nodes/n", "INVALID_PARENT")]
    public async Task A_parent_that_has_no_such_children_is_refused(string kind, string parent, string reason)
    {
        var refusal = await Refusal.OfAsync(() => _api.ListAsync(kind, new ListRequest { Parent = parent }));

        (refusal.Code, refusal.Reason, refusal.Fields.Single()).ShouldBe((StatusCode.InvalidArgument, reason, "parent"));
    }

    [Fact]
    public async Task A_parent_that_is_not_there_is_not_found() =>
        (await Refusal.OfAsync(() => _api.ListAsync("Policy", new ListRequest { Parent = "tenants/none" }))).Code.ShouldBe(StatusCode.NotFound);

    [Theory]
    [InlineData("", "a,b,c,d")]
    [InlineData("app=web", "a,b")]
    [InlineData("app==web", "a,b")]
    [InlineData("app!=web", "c,d")]
    [InlineData("app in (web, db)", "a,b,c")]
    [InlineData("app notin (web)", "c,d")]
    [InlineData("app", "a,b,c")]
    [InlineData("!app", "d")]
    [InlineData(".node=n1", "a,c")]
    [InlineData(".segment=db", "c")]
    [InlineData(".segment=default", "d")]
    [InlineData("app=web,.node=n2", "b")]
    [InlineData("app in (web,db),env=prod", "a,c")]
    [InlineData("app=nobody", "")]
    [InlineData("example.com/team=x", "d")]
    public async Task A_filter_picks_by_labels_and_fields(string filter, string expected)
    {
        var tenant = SharedSilo.NewName();
        await _api.ApplyAsync(
            Given.Tenant(tenant), Given.Segment(tenant, "web"), Given.Segment(tenant, "db"), Given.Segment(tenant, "default"),
            Given.Endpoint(tenant, "a", "n1", "web", null, ("app", "web"), ("env", "prod")),
            Given.Endpoint(tenant, "b", "n2", "web", null, ("app", "web")),
            Given.Endpoint(tenant, "c", "n1", "db", null, ("app", "db"), ("env", "prod")),
            Given.Endpoint(tenant, "d", "", "", null, ("example.com/team", "x")));

        var (found, _) = await _api.ListAsync("Endpoint", new ListRequest { Parent = $"tenants/{tenant}", Filter = filter });

        string.Join(',', found.Select(o => Calls.Api.NameOf(o).Split('/')[^1])).ShouldBe(expected);
    }

    [Fact]
    public async Task Policies_are_picked_by_tier_and_mode()
    {
        var name = SharedSilo.NewName();
        var staged = Given.Policy(name, "staged", "web", "80");
        staged.Spec.Mode = PolicyMode.Staged;
        await _api.ApplyAsync([.. Given.Shop(name), staged, Given.Policy(name, "plain", "web", "80"), Given.DenyAll(name, ("app", name))]);

        (await NamesAsync($"tenants/{name}", ".mode=staged")).ShouldBe([staged.Name]);
        (await NamesAsync($"tenants/{name}", ".mode=enforced,.tier=tenant")).ShouldBe([$"tenants/{name}/policies/plain"]);
        (await NamesAsync("", ".tier=admin")).ShouldContain($"policies/{name}");
        (await NamesAsync("", ".tier=baseline")).ShouldNotContain($"policies/{name}");
    }

    [Theory]
    [InlineData(".colour=red")]
    [InlineData(".node")]
    [InlineData("app=web=db")]
    [InlineData("app in ()")]
    [InlineData("app in (web")]
    [InlineData("a b c")]
    [InlineData("=web")]
    public async Task A_filter_that_is_not_understood_is_refused(string filter)
    {
        var refusal = await Refusal.OfAsync(() => _api.ListAsync("Node", new ListRequest { Filter = filter }));

        (refusal.Code, refusal.Reason, refusal.Fields.Single()).ShouldBe((StatusCode.InvalidArgument, "INVALID_FILTER", "filter"));
    }

    private async Task<IEnumerable<string>> NamesAsync(string parent, string filter) =>
        (await _api.ListAsync("Policy", new ListRequest { Parent = parent, Filter = filter, PageSize = 1000 })).Objects.Select(Calls.Api.NameOf);
}
