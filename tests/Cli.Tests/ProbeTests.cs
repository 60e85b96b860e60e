using System.Text.Json;
using System.Text.Json.Nodes;
using Vallum.Cli.Tests.Running;

namespace Vallum.Cli.Tests;

/// <summary>The contract of <c>reach -f MANIFESTS --probes PROBES.json -o json</c>: offline, the same list with "allowed" in each.</summary>
public sealed class ProbeTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _shop;

    public ProbeTests() => _shop = _folder.Write("shop.yaml", Running.Manifests.Shop("shop", "10.9.9"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_list_is_answered_in_its_order_with_everything_that_was_in_it()
    {
        var answer = await AnswerAsync("""
            [
              {"from": "shop/web-1", "to": "shop/db-1", "protocol": "TCP", "port": 5432, "note": "kept"},
              {"from": "shop/web-1", "to": "shop/db-1", "protocol": "TCP", "port": 22},
              {"from": "shop/db-1", "to": "shop/web-1", "protocol": "UDP", "port": 53},
              {"from": "192.0.2.7", "to": "10.9.9.2", "port": "9000"},
              {"from": "192.0.2.200", "to": "shop/db-1", "protocol": "tcp", "port": 9000},
              {"from": "shop/web-1", "to": "shop/db-1", "protocol": "ICMP"},
              {"from": "shop/web-1", "to": "shop/db-1", "protocol": "sctp", "port": 5432},
              {"from": "fd00:10:9:9::1", "to": "fd00:10:9:9::2", "protocol": "TCP", "port": 5432},
              {"from": "fd00:10:9:9::1", "to": "10.9.9.2", "protocol": "TCP", "port": 5432}
            ]
            """);

        answer.Select(probe => probe!["allowed"]!.GetValue<bool>()).ShouldBe([true, false, true, true, false, true, false, true, false]);
        answer[0]!["note"]!.GetValue<string>().ShouldBe("kept");
        answer[0]!["port"]!.GetValue<int>().ShouldBe(5432);
        answer[3]!["port"]!.GetValue<string>().ShouldBe("9000");
    }

    [Fact]
    public async Task Pods_of_kubernetes_are_named_by_namespace_and_name()
    {
        var probes = _folder.Write("probes.json", """[{"from": "front/web-0", "to": "back/api-0", "protocol": "TCP", "port": 9000}, {"from": "198.51.100.1", "to": "back/api-0", "protocol": "TCP", "port": 9000}]""");

        var ran = (await Ran.OfAsync("reach", "-f", Path.Combine(AppContext.BaseDirectory, "samples", "kubernetes"), "--probes", probes, "-o", "json")).ShouldExit(0);

        JsonNode.Parse(ran.Output)!.AsArray().Select(probe => probe!["allowed"]!.GetValue<bool>()).ShouldBe([true, false]);
    }

    [Fact]
    public async Task An_empty_list_is_answered_by_an_empty_list() => (await AnswerAsync("[]")).ShouldBeEmpty();

    [Fact]
    public async Task Without_json_the_answers_are_a_table()
    {
        var probes = _folder.Write("probes.json", """[{"from": "shop/web-1", "to": "shop/db-1", "protocol": "TCP", "port": 5432}]""");

        (await Ran.OfAsync("reach", "-f", _shop, "--probes", probes)).ShouldExit(0).Lines[1].ShouldEndWith("yes");
    }

    [Theory]
    [InlineData("""[{"from": "shop/none", "to": "shop/db-1", "port": 80}]""", "shop/none")]
    [InlineData("""[{"from": "shop/web-1", "to": "", "port": 80}]""", "[0]")]
    [InlineData("""[{"from": "shop/web-1", "to": "shop/db-1"}]""", "port")]
    [InlineData("""[{"from": "shop/web-1", "to": "shop/db-1", "port": 0}]""", "port")]
    [InlineData("""[{"from": "shop/web-1", "to": "shop/db-1", "port": 65536}]""", "port")]
    [InlineData("""[{"from": "shop/web-1", "to": "shop/db-1", "port": "http"}]""", "[0]")]
    [InlineData("""[{"from": "shop/web-1", "to": "shop/db-1", "port": 80, "protocol": "smtp"}]""", "smtp")]
    [InlineData("""[{"from": ["shop/web-1"], "to": "shop/db-1", "port": 80}]""", "[0]")]
    [InlineData("""[{"from": "a", "from": "b", "to": "shop/db-1", "port": 80}]""", "from")]
    [InlineData("""["shop/web-1"]""", "[0]")]
    [InlineData("""{"from": "shop/web-1"}""", "list")]
    [InlineData("""[{"from": """, "JSON")]
    [InlineData("", "JSON")]
    public async Task A_probe_that_cannot_be_judged_is_told_and_nothing_is_answered(string probes, string told)
    {
        var ran = (await Ran.OfAsync("reach", "-f", _shop, "--probes", _folder.Write("probes.json", probes), "-o", "json")).ShouldExit(1);

        ran.Output.ShouldBeEmpty();
        ran.Error.ShouldStartWith("error: ");
        ran.Error.ShouldContain(told);
    }

    [Fact]
    public async Task Probes_need_manifests_and_a_file()
    {
        (await Ran.OfAsync("reach", "--probes", "x.json")).ShouldExit(2);
        (await Ran.OfAsync("reach", "-f", _shop, "--probes", Path.Combine(_folder.Path, "none.json"))).ShouldExit(2);
        (await Ran.OfAsync("reach", "-f", _folder.Write("wrong.yaml", Running.Manifests.Wrong("shop")), "--probes", "x.json")).ShouldExit(1);
    }

    [Fact]
    public async Task The_offline_matrix_covers_both_ip_families()
    {
        var both = (await Ran.OfAsync("reach", "-f", _shop, "--port", "5432", "-o", "json")).ShouldExit(0);
        using var json = JsonDocument.Parse(both.Output);
        json.RootElement.ToString().ShouldContain("shop/db-1");
        (await Ran.OfAsync("reach", "-f", _shop, "--protocol", "icmpv6")).ShouldExit(0);
        (await Ran.OfAsync("reach", "-f", _shop)).ShouldExit(2).Error.ShouldContain("port");
        (await Ran.OfAsync("reach", "-f", _shop, "--protocol", "icmp", "--icmp-type", "300")).ShouldExit(2).Error.ShouldContain("300");
    }

    private async Task<JsonArray> AnswerAsync(string probes)
    {
        var ran = (await Ran.OfAsync("reach", "-f", _shop, "--probes", _folder.Write("probes.json", probes), "-o", "json")).ShouldExit(0);
        return JsonNode.Parse(ran.Output)!.AsArray();
    }
}
