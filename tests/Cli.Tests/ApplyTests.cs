using System.Text.Json;
using Vallum.Cli.Tests.Running;

namespace Vallum.Cli.Tests;

public sealed class ApplyTests(SharedSilo silo) : IDisposable
{
    private readonly string _tenant = SharedSilo.NewName();
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_applied_is_created_then_unchanged_then_updated_then_deleted()
    {
        var file = _folder.Write("t.yaml", Running.Manifests.Tenant(_tenant));

        (await silo.RunAsync("apply", "-f", file)).ShouldExit(0).Output.ShouldBe($"tenants/{_tenant} created\n");
        (await silo.RunAsync("apply", "-f", file)).ShouldExit(0).Output.ShouldBe($"tenants/{_tenant} unchanged\n");
        file = _folder.Write("t.yaml", Running.Manifests.Tenant(_tenant, "{defaultIngress: Deny}"));
        (await silo.RunAsync("apply", "-f", file, "--dry-run")).ShouldExit(0).Output.ShouldBe($"tenants/{_tenant} updated (dry run)\n");
        (await silo.RunAsync("apply", "-f", file, "-o", "name")).ShouldExit(0).Output.ShouldBe($"tenants/{_tenant}\n");
        (await silo.RunAsync("delete", "-f", file)).ShouldExit(0).Output.ShouldBe($"tenants/{_tenant} deleted\n");
        (await silo.RunAsync("delete", "tenant", _tenant)).ShouldExit(0).Output.ShouldBe($"tenants/{_tenant} unchanged\n");
    }

    [Fact]
    public async Task The_json_of_an_apply_tells_every_change_and_revision()
    {
        var file = _folder.Write("t.yaml", Running.Manifests.Tenant(_tenant));

        using var answer = JsonDocument.Parse((await silo.RunAsync("apply", "-f", file, "-o", "json")).ShouldExit(0).Output);

        answer.RootElement.GetProperty("changes")[0].GetProperty("type").GetString().ShouldBe("CHANGE_TYPE_CREATED");
        answer.RootElement.GetProperty("revisions")[0].GetProperty("scope").GetString().ShouldBe($"tenants/{_tenant}");
    }

    [Fact]
    public async Task Diff_shows_lines_and_has_the_code_of_kubectls()
    {
        var before = _folder.Write("before.yaml", Running.Manifests.Tenant(_tenant));
        var after = _folder.Write("after.yaml", Running.Manifests.Tenant(_tenant, "{defaultIngress: Deny}"));

        (await silo.RunAsync("diff", "-f", before)).ShouldExit(1).Output.ShouldContain($"+++ tenants/{_tenant} (created)");
        (await silo.RunAsync("apply", "-f", before)).ShouldExit(0);
        (await silo.RunAsync("diff", "-f", before)).ShouldExit(0).Output.ShouldBeEmpty();
        var changed = (await silo.RunAsync("diff", "-f", after)).ShouldExit(1);
        changed.Lines.ShouldContain("+  defaultIngress: Deny");
        (await silo.RunAsync("diff", "-f", after, "-o", "name")).ShouldExit(1).Output.ShouldBe($"tenants/{_tenant}\n");
        (await silo.RunAsync("get", "tenant", _tenant, "-o", "yaml")).Output.ShouldNotContain("Deny");
    }

    [Fact]
    public async Task A_directory_is_read_with_its_subdirectories_only_on_demand()
    {
        _folder.Write("a.yaml", Running.Manifests.Tenant(_tenant));
        _folder.Write("notes.txt", "no manifest");
        _folder.Write("more/b.json", $$$"""{"apiVersion": "vallum.io/v1", "kind": "Segment", "metadata": {"name": "web", "tenant": "{{{_tenant}}}"}}""");

        (await silo.RunAsync("apply", "-f", _folder.Path)).ShouldExit(0).Lines.Count.ShouldBe(1);
        (await silo.RunAsync("apply", "-f", _folder.Path, "-R")).ShouldExit(0).Lines.ShouldBe([$"tenants/{_tenant} unchanged", $"tenants/{_tenant}/segments/web created"]);
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_by_file_line_and_field()
    {
        var file = _folder.Write("p.yaml", $"{Running.Manifests.Tenant(_tenant)}\n---\n" + $$"""
            apiVersion: vallum.io/v1
            kind: Policy
            metadata: {name: p, tenant: {{_tenant}}}
            spec:
              subject: [{segments: [nowhere]}]
              directions: [Ingress]
            """);

        var ran = (await silo.RunAsync("apply", "-f", file)).ShouldExit(1);

        ran.Output.ShouldBeEmpty();
        ran.Error.ShouldContain("(UNKNOWN_SEGMENT)");
        ran.Error.ShouldContain($"{file}:6: ");
        ran.Error.ShouldContain("spec.subject[0].segments");
        (await silo.RunAsync("get", "tenant", _tenant)).ShouldExit(3);
    }

    [Fact]
    public async Task What_is_wrong_in_the_files_is_told_at_once_and_nothing_is_sent()
    {
        var file = _folder.Write("wrong.yaml", Running.Manifests.Wrong(_tenant));

        var ran = (await Ran.OfAsync("apply", "-f", file, "--server", "127.0.0.1:1")).ShouldExit(1);

        ran.Error.ShouldContain("2 faults");
        ran.Error.ShouldContain("INVALID_ADDRESS");
        ran.Error.ShouldContain("EXCEPT_OUTSIDE_CIDR");
        ran.Error.ShouldContain($"{file}:5");
        ran.Error.ShouldContain($"{file}:14");
    }

    [Fact]
    public async Task A_stale_etag_is_a_conflict()
    {
        (await silo.RunAsync("apply", "-f", _folder.Write("t.yaml", Running.Manifests.Tenant(_tenant)))).ShouldExit(0);
        var stale = _folder.Write("stale.yaml", Running.Manifests.Tenant(_tenant).Replace("name:", "etag: stale, name:", StringComparison.Ordinal));

        (await silo.RunAsync("apply", "-f", stale)).ShouldExit(4).Error.ShouldContain("(ETAG_MISMATCH)");
    }

    [Theory]
    [InlineData("three-tier")]
    [InlineData("kubernetes")]
    public async Task The_samples_are_valid_and_can_be_applied_twice(string sample)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "samples", sample);

        (await Ran.OfAsync("validate", "-f", path)).ShouldExit(0).Output.ShouldStartWith("valid: ");
        (await silo.RunAsync("apply", "-f", path)).ShouldExit(0).Lines.ShouldAllBe(line => line.EndsWith(" created", StringComparison.Ordinal));
        (await silo.RunAsync("apply", "-f", path)).ShouldExit(0).Lines.ShouldAllBe(line => line.EndsWith(" unchanged", StringComparison.Ordinal));
        (await silo.RunAsync("diff", "-f", path)).ShouldExit(0);
        (await silo.RunAsync("delete", "-f", path)).ShouldExit(0);
    }

    [Theory]
    [InlineData(1, "zeros")]
    [InlineData(1, "random")]
    [InlineData(1, "brackets")]
    public async Task Ten_megabytes_of_junk_are_refused_with_a_reason(int code, string junk)
    {
        var path = Path.Combine(_folder.Path, "junk.yaml");
        var bytes = new byte[10 << 20];
        switch (junk)
        {
            case "random":
                new Random(7).NextBytes(bytes);
                break;
            case "brackets":
                Array.Fill(bytes, (byte)'[');
                break;
        }

        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);

        var ran = (await silo.RunAsync("apply", "-f", path)).ShouldExit(code);
        ran.Error.ShouldStartWith("error: ");
        ran.Error.ShouldContain(path);
        ran.Error.Length.ShouldBeLessThan(10_000);
    }

    [Theory]
    [InlineData("apply")]
    [InlineData("apply", "-f", "/no/such/file.yaml")]
    [InlineData("apply", "-f", "x", "--colour")]
    [InlineData("delete")]
    [InlineData("delete", "policy")]
    [InlineData("delete", "colour", "red")]
    [InlineData("delete", "tenant", "shop", "-f", "x")]
    [InlineData("paint")]
    [InlineData("status", "--request-timeout", "soon")]
    [InlineData("status", "--server", "ftp://what")]
    public async Task Wrong_usage_has_its_own_code(params string[] arguments) => (await Ran.OfAsync(arguments)).ShouldExit(2).Error.ShouldStartWith("error: ");

    [Theory]
    [InlineData("apply", "-f", "FILE")]
    [InlineData("get", "tenants")]
    [InlineData("status")]
    [InlineData("wait")]
    [InlineData("explain", "--from", "a/b", "--to", "a/c", "--port", "80")]
    public async Task A_server_that_is_not_there_has_its_own_code(params string[] arguments)
    {
        var file = _folder.Write("t.yaml", Running.Manifests.Tenant(_tenant));

        var ran = await Ran.OfAsync([.. arguments.Select(a => a == "FILE" ? file : a), "--server", "http://127.0.0.1:1"]);

        ran.ShouldExit(6).Error.ShouldContain("http://127.0.0.1:1");
    }
}
