using System.Text.Json;
using Vallum.Cli.Tests.Running;

namespace Vallum.Cli.Tests;

public sealed class HistoryTests(SharedSilo silo) : IDisposable
{
    private readonly string _tenant = SharedSilo.NewName();
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task History_tells_who_changed_what_newest_first()
    {
        await TwiceAsync();

        var table = (await silo.RunAsync("history", "-t", _tenant)).ShouldExit(0);
        Words(table.Lines[0]).ShouldBe("REVISION TIME ACTOR CHANGE OBJECT");
        table.Lines.Count.ShouldBe(3);
        Words(table.Lines[1]).ShouldMatch($@"^2 \S+ \S+Z anonymous@\S+ updated tenants/{_tenant}$");
        Words(table.Lines[2]).ShouldMatch($@"^1 \S+ \S+Z anonymous@\S+ created tenants/{_tenant}$");

        Words((await silo.RunAsync("history", "tenant", _tenant, "-o", "wide")).ShouldExit(0).Lines[1]).ShouldMatch($@" updated 2 yes [-\w]+ tenants/{_tenant}$");
        using var json = JsonDocument.Parse((await silo.RunAsync("history", "tenant", _tenant, "-n", "1", "-o", "json")).ShouldExit(0).Output);
        var only = json.RootElement.GetProperty("entries").EnumerateArray().ShouldHaveSingleItem();
        only.GetProperty("before").GetProperty("tenant").GetProperty("spec").GetProperty("defaultIngress").GetString().ShouldBe("POSTURE_UNSPECIFIED");
        (await silo.RunAsync("history", "tenant", _tenant, "--actor", "nobody")).ShouldExit(0).Output.ShouldBe("none\n");
        (await silo.RunAsync("history", "-t", _tenant, "--since", "1h")).ShouldExit(0).Lines.Count.ShouldBe(3);
        (await silo.RunAsync("history", "-t", _tenant, "--since", "2999-01-01")).ShouldExit(0).Output.ShouldBe("none\n");
    }

    [Fact]
    public async Task History_shows_what_each_change_changed()
    {
        await TwiceAsync();

        var diffs = (await silo.RunAsync("history", "tenant", _tenant, "--diff")).ShouldExit(0);

        diffs.Lines[0].ShouldStartWith("revision 2  ");
        diffs.Lines.ShouldContain($"+++ tenants/{_tenant} (updated)");
        diffs.Lines.ShouldContain("+  defaultIngress: Deny");
        diffs.Lines.ShouldContain($"+++ tenants/{_tenant} (created)");
    }

    [Fact]
    public async Task What_history_prints_as_yaml_can_be_applied_again()
    {
        await TwiceAsync();
        var past = (await silo.RunAsync("history", "tenant", _tenant, "-n", "1", "-o", "yaml")).ShouldExit(0);
        past.Output.ShouldContain("# revision 2, ");
        (await silo.RunAsync("rollback", "tenant", _tenant)).ShouldExit(0);

        (await silo.RunAsync("apply", "-f", _folder.Write("past.yaml", past.Output.Replace("etag:", "# etag:", StringComparison.Ordinal)))).ShouldExit(0)
            .Output.ShouldBe($"tenants/{_tenant} updated\n");
    }

    [Fact]
    public async Task Rollback_goes_back_one_version_and_again_forth()
    {
        await TwiceAsync();

        var dry = (await silo.RunAsync("rollback", "tenant", _tenant, "--dry-run")).ShouldExit(0);
        dry.Lines.ShouldContain("-  defaultIngress: Deny");
        dry.Lines[^1].ShouldBe($"tenants/{_tenant} rolled back to what it was at revision 1 (dry run)");
        (await silo.RunAsync("get", "tenant", _tenant, "-o", "yaml")).Output.ShouldContain("Deny");

        (await silo.RunAsync("rollback", "tenant", _tenant, "--wait")).ShouldExit(0)
            .Lines[^1].ShouldBe($"tenants/{_tenant} rolled back to what it was at revision 1; now at revision 3");
        (await silo.RunAsync("get", "tenant", _tenant, "-o", "yaml")).Output.ShouldNotContain("Deny");
        (await silo.RunAsync("rollback", "tenant", _tenant, "--to", "2", "-o", "name")).ShouldExit(0).Output.ShouldBe($"tenants/{_tenant}\n");
        (await silo.RunAsync("get", "tenant", _tenant, "-o", "yaml")).Output.ShouldContain("Deny");
        (await silo.RunAsync("rollback", "tenant", _tenant, "--to", "2")).ShouldExit(0).Output.ShouldBe($"tenants/{_tenant} unchanged: it is what it was at revision 2\n");
    }

    [Fact]
    public async Task Rollback_makes_again_what_was_deleted()
    {
        await TwiceAsync();
        (await silo.RunAsync("delete", "tenant", _tenant)).ShouldExit(0);

        Words((await silo.RunAsync("history", "tenant", _tenant)).ShouldExit(0).Lines[1]).ShouldEndWith($"deleted tenants/{_tenant}");
        (await silo.RunAsync("rollback", "tenant", _tenant)).ShouldExit(0).Lines[^1].ShouldBe($"tenants/{_tenant} made again as at revision 2; now at revision 4");
    }

    [Theory]
    [InlineData(2, "no TENANT/NAME|TENANT/NAME", "history", "segment", "web")]
    [InlineData(2, "whose?", "history", "segments")]
    [InlineData(2, "USAGE", "history", "-n", "0")]
    [InlineData(2, "neither how long ago", "history", "--since", "yesterday")]
    [InlineData(3, "NOT_FOUND", "history", "policy", "nobody/nothing")]
    [InlineData(3, "NOT_FOUND", "rollback", "policy", "nobody/nothing")]
    [InlineData(1, "REVISION_AHEAD", "rollback", "policy", "nobody/nothing", "--to", "900")]
    public async Task What_cannot_be_answered_is_told_with_its_code(int code, string said, params string[] arguments)
    {
        var ran = (await silo.RunAsync(arguments)).ShouldExit(code);

        ran.Output.ShouldBeEmpty();
        ran.Error.ShouldMatch(said);
    }

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private async Task TwiceAsync()
    {
        (await silo.RunAsync("apply", "-f", _folder.Write("t.yaml", Running.Manifests.Tenant(_tenant)))).ShouldExit(0);
        (await silo.RunAsync("apply", "-f", _folder.Write("t.yaml", Running.Manifests.Tenant(_tenant, "{defaultIngress: Deny}")))).ShouldExit(0);
    }
}
