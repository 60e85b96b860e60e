using System.Text.Json;
using Vallum.Cli.Tests.Running;
using Vallum.SiloHost;

namespace Vallum.Cli.Tests;

/// <summary>What is asked of a control plane: explain, reach, status, wait, version.</summary>
public sealed class AnswerTests(SharedSilo silo) : IAsyncLifetime
{
    private readonly string _tenant = SharedSilo.NewName();
    private readonly string _net = SharedSilo.NewNet();
    private readonly TestFolder _folder = new();

    public async ValueTask InitializeAsync() =>
        (await silo.RunAsync("apply", "-f", _folder.Write("shop.yaml", Running.Manifests.Shop(_tenant, _net)))).ShouldExit(0);

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Explain_says_what_decides_and_answers_by_its_code()
    {
        var allowed = (await silo.RunAsync("explain", "--from", $"{_tenant}/web-1", "--to", $"{_tenant}/db-1", "--port", "5432")).ShouldExit(0);
        allowed.Lines[0].ShouldBe($"ALLOWED  {_net}.1 → {_net}.2 tcp/5432");
        allowed.Output.ShouldContain($"tenants/{_tenant}/policies/db");
        allowed.Output.ShouldContain("from-web");
        allowed.Output.ShouldContain($"nodes/{_tenant} its agent is not connected");

        (await silo.RunAsync("explain", "--from", $"{_tenant}/web-1", "--to", $"{_tenant}/db-1", "--port", "22")).ShouldExit(1).Lines[0].ShouldStartWith("DENIED");
        (await silo.RunAsync("explain", "--from", "198.51.100.7", "--to", $"{_net}.2", "--port", "9005")).ShouldExit(0);
        (await silo.RunAsync("explain", "--from", "192.0.2.200", "--to", $"{_net}.2", "--port", "9005")).ShouldExit(1);
        var json = (await silo.RunAsync("explain", "--from", $"{_tenant}/db-1", "--to", $"{_tenant}/web-1", "--protocol", "udp", "--port", "53", "-o", "json")).ShouldExit(0);
        using var answer = JsonDocument.Parse(json.Output);
        answer.RootElement.GetProperty("allowed").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Explain_says_when_there_is_nothing_to_explain()
    {
        (await silo.RunAsync("explain", "--from", $"{_tenant}/none", "--to", $"{_tenant}/db-1", "--port", "80")).ShouldExit(3);
        (await silo.RunAsync("explain", "--from", $"{_tenant}/web-1", "--to", $"{_tenant}/db-1")).ShouldExit(1).Error.ShouldContain("port");
        (await silo.RunAsync("explain", "--from", $"{_tenant}/web-1")).ShouldExit(2);
        (await silo.RunAsync("explain", "--from", $"{_tenant}/web-1", "--to", "x", "--port", "http")).ShouldExit(2);
    }

    [Fact]
    public async Task The_matrix_of_the_server_is_that_of_the_files()
    {
        string[][] flows = [["--port", "5432"], ["--port", "22"], ["--protocol", "icmp"], ["--protocol", "icmp", "--icmp-type", "13"], ["--protocol", "sctp", "--port", "1"], ["--protocol", "47"]];
        foreach (var flow in flows)
        {
            var online = (await silo.RunAsync(["reach", _tenant, .. flow])).ShouldExit(0);
            var offline = (await Ran.OfAsync(["reach", "-f", Path.Combine(_folder.Path, "shop.yaml"), .. flow])).ShouldExit(0);
            online.Output.ShouldBe(offline.Output);
            online.Output.ShouldContain($"{_tenant}/db-1");
        }

        using var json = JsonDocument.Parse((await silo.RunAsync("reach", _tenant, "--port", "22", "-o", "json")).ShouldExit(0).Output);
        json.RootElement.ToString().ShouldContain($"{_tenant}/web-1");
        (await silo.RunAsync("reach", "none", "--port", "22")).ShouldExit(3);
    }

    [Fact]
    public async Task Status_and_wait_say_that_nothing_is_in_force_without_an_agent()
    {
        (await silo.RunAsync("status")).ShouldExit(1).Output.ShouldContain("connected");
        (await silo.RunAsync("status", _tenant)).ShouldExit(1).Output.ShouldContain("realized on 0 of 1 nodes");
        using var json = JsonDocument.Parse((await silo.RunAsync("status", _tenant, "-o", "json")).ShouldExit(1).Output);
        json.RootElement.GetProperty("realized").GetBoolean().ShouldBeFalse();
        (await silo.RunAsync("status", "none")).ShouldExit(3);
        var waited = (await silo.RunAsync("wait", _tenant, "--for=realized", "--timeout", "100ms")).ShouldExit(7);
        waited.Error.ShouldContain("(NOT_REALIZED)");
        waited.Error.ShouldContain(_tenant);
        (await silo.RunAsync("wait", "none", "--timeout", "100ms")).ShouldExit(3);
        (await silo.RunAsync("wait", _tenant, "--for=lunch")).ShouldExit(2);
        (await silo.RunAsync("apply", "-f", _folder.Path, "--wait", "--timeout", "100ms")).ShouldExit(7).Output.ShouldContain("unchanged");
    }

    [Fact]
    public async Task With_an_agent_it_comes_into_force()
    {
        await using var agent = ConnectedAgent.To(silo.Silo, _tenant);

        (await silo.RunAsync("wait", _tenant, $"{_tenant}/db", "--timeout", "20s")).ShouldExit(0).Output.ShouldBe("realized\n");
        (await silo.RunAsync("apply", "-f", _folder.Path, "--wait", "--timeout", "20s")).ShouldExit(0);
        (await silo.RunAsync("status", _tenant)).ShouldExit(0).Output.ShouldContain("realized on all 1 nodes");
        (await silo.RunAsync("get", "policy", $"{_tenant}/db")).ShouldExit(0).Output.ShouldContain("realized");
        (await silo.RunAsync("explain", "--from", $"{_tenant}/web-1", "--to", $"{_tenant}/db-1", "--port", "5432")).Output.ShouldContain("enforces what is wanted now");
    }

    [Fact]
    public async Task Version_tells_both_and_completion_knows_three_shells()
    {
        (await silo.RunAsync("version")).ShouldExit(0).Lines.Count.ShouldBe(2);
        using var json = JsonDocument.Parse((await silo.RunAsync("version", "-o", "json")).ShouldExit(0).Output);
        json.RootElement.GetProperty("server").GetString().ShouldNotBeEmpty();
        (await Ran.OfAsync("version", "--server", "127.0.0.1:1")).ShouldExit(0).Output.ShouldContain("not reachable");
        (await Ran.OfAsync("version", "--client")).ShouldExit(0).Lines.Count.ShouldBe(1);
        foreach (var shell in (string[])["bash", "zsh", "fish"])
        {
            (await Ran.OfAsync("completion", shell)).ShouldExit(0).Output.ShouldContain("vallum");
        }

        (await Ran.OfAsync("completion", "tcsh")).ShouldExit(2);
        (await Ran.OfAsync("[suggest:11]", "vallum get ")).ShouldExit(0).Lines.ShouldContain("policies");
    }

    [Fact]
    public async Task Every_command_has_help()
    {
        foreach (var command in (string[])["apply", "delete", "diff", "get", "validate", "explain", "reach", "status", "wait", "version", "completion"])
        {
            (await Ran.OfAsync(command, "--help")).ShouldExit(0).Output.ShouldContain("--server");
        }

        (await Ran.OfAsync("--help")).ShouldExit(0).Output.ShouldContain("apply");
    }
}
