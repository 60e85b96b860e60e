using System.Text.Json;
using Vallum.Cli.Tests.Running;

namespace Vallum.Cli.Tests;

public sealed class GetTests(SharedSilo silo)
{
    private readonly string _tenant = SharedSilo.NewName();

    [Theory]
    [InlineData("tenant", "NAME", "TENANT INGRESS EGRESS AGE", "allow allow", "env=test")]
    [InlineData("segment", "NAME/web", "SEGMENT SELECTOR AGE", "tier=front", "-")]
    [InlineData("endpoint", "NAME/db-1", "ENDPOINT SEGMENT NODE ADDRESSES AGE", "db NAME", "app=db")]
    [InlineData("node", "NAME", "NODE AGENT IN SYNC ENDPOINTS LAST ERROR", "disconnected no", "-")]
    [InlineData("networkset", "NAME", "NETWORK SET CIDRS AGE", "1", "-")]
    [InlineData("policy", "NAME/db", "POLICY TIER MODE STATUS NODES AGE", "tenant enforced pending 0/1", "NAME")]
    [InlineData("policy", "NAME", "POLICY TIER MODE STATUS NODES AGE", "baseline enforced realized 0/0", "100")]
    public async Task Every_kind_has_a_table_a_wide_one_json_yaml_and_names(string kind, string name, string heads, string cells, string wideCells)
    {
        await ShopAsync();
        name = Own(name);
        if (kind == "policy" && !name.Contains('/'))
        {
            // Every tenant has to have heard of the operator's.
            (await silo.RunAsync("wait", $"policies/{name}")).ShouldExit(0);
        }

        var table = (await silo.RunAsync("get", kind, name)).ShouldExit(0);
        Words(table.Lines[0]).ShouldBe(heads);
        Words(table.Lines[1]).ShouldStartWith($"{name} {Own(cells)}");
        var wide = (await silo.RunAsync("get", kind, name, "-o", "wide")).ShouldExit(0);
        wide.Lines[0].Length.ShouldBeGreaterThan(table.Lines[0].Length);
        Words(wide.Lines[1]).ShouldContain(Own(wideCells));
        var json = (await silo.RunAsync("get", kind, name, "-o", "json")).ShouldExit(0);
        using var parsed = JsonDocument.Parse(json.Output);
        parsed.RootElement.GetProperty("apiVersion").GetString().ShouldBe("vallum.io/v1");
        parsed.RootElement.GetProperty("metadata").GetProperty("name").GetString().ShouldBe(name.Split('/')[^1]);
        parsed.RootElement.GetProperty("metadata").GetProperty("uid").GetString().ShouldNotBeEmpty();
        var yaml = (await silo.RunAsync("get", kind, name, "-o", "yaml")).ShouldExit(0);
        yaml.Output.ShouldContain("apiVersion: vallum.io/v1");
        var names = (await silo.RunAsync("get", kind, name, "-o", "name")).ShouldExit(0);
        names.Lines.ShouldHaveSingleItem().ShouldEndWith($"/{name.Split('/')[^1]}");
        (await silo.RunAsync("get", kind, names.Lines[0], "-o", "name")).ShouldExit(0).Output.ShouldBe(names.Output);
    }

    [Theory]
    [InlineData("ten", "NAME")]
    [InlineData("nodes", "NAME")]
    [InlineData("nset", "NAME")]
    [InlineData("pol", "NAME")]
    [InlineData("seg", "-t", "NAME")]
    [InlineData("ep", "-t", "NAME")]
    [InlineData("pol", "-t", "NAME")]
    public async Task What_is_shown_as_yaml_or_json_can_be_applied_again_and_changes_nothing(params string[] what)
    {
        await ShopAsync();
        using var folder = new TestFolder();
        foreach (var format in (string[])["yaml", "json"])
        {
            var shown = (await silo.RunAsync(["get", .. what.Select(Own), "-o", format])).ShouldExit(0);
            var file = folder.Write($"shown.{format}", shown.Output);

            var applied = (await silo.RunAsync("apply", "-f", file)).ShouldExit(0);

            applied.Lines.ShouldNotBeEmpty();
            applied.Lines.ShouldAllBe(line => line.EndsWith(" unchanged", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Only_what_a_tenant_owns_or_a_selector_picks_is_listed()
    {
        await ShopAsync();

        (await NamesAsync("get", "endpoints", "-t", _tenant)).ShouldBe([$"tenants/{_tenant}/endpoints/db-1", $"tenants/{_tenant}/endpoints/web-1"]);
        (await NamesAsync("get", "endpoints", "-t", _tenant, "-l", "app=web")).ShouldBe([$"tenants/{_tenant}/endpoints/web-1"]);
        (await NamesAsync("get", "endpoints", "-A", "-l", $".node={_tenant},.segment=db")).ShouldBe([$"tenants/{_tenant}/endpoints/db-1"]);
        (await NamesAsync("get", "policies")).ShouldBeSubsetOf(await NamesAsync("get", "policies", "-A"));
        (await silo.RunAsync("get", "endpoints", "-t", _tenant, "-l", "app=nobody")).ShouldExit(0).Output.ShouldBe("none\n");
        (await silo.RunAsync("get", "endpoints", "-t", _tenant, "-l", "app=(")).ShouldExit(1).Error.ShouldContain("INVALID_FILTER");
    }

    [Theory]
    [InlineData(3, "get", "tenant", "none")]
    [InlineData(3, "get", "policy", "none/none")]
    [InlineData(3, "get", "endpoints", "-t", "none")]
    [InlineData(2, "get", "colour")]
    [InlineData(2, "get")]
    [InlineData(2, "get", "endpoint", "without-tenant")]
    [InlineData(2, "get", "tenants", "-o", "xml")]
    [InlineData(2, "get", "endpoints", "--watch")]
    public async Task What_is_not_there_and_what_cannot_be_asked_have_their_codes(int code, params string[] arguments) =>
        (await silo.RunAsync(arguments)).ShouldExit(code).Error.ShouldStartWith("error: ");

    private async Task ShopAsync()
    {
        using var folder = new TestFolder();
        (await silo.RunAsync("apply", "-f", folder.Write("shop.yaml", Running.Manifests.Shop(_tenant, SharedSilo.NewNet())))).ShouldExit(0);
    }

    private async Task<IReadOnlyList<string>> NamesAsync(params string[] arguments) => (await silo.RunAsync([.. arguments, "-o", "name"])).ShouldExit(0).Lines;

    private string Own(string text) => text.Replace("NAME", _tenant, StringComparison.Ordinal);

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
