using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Vallum.Cli.Tests.Running;
using Vallum.Contracts.Agent.V1;
using Vallum.SiloHost;

namespace Vallum.Cli.Tests;

/// <summary>What agents count and log, as the command shows it.</summary>
public sealed class TrafficTests(SharedSilo silo) : IAsyncLifetime
{
    private readonly string _tenant = SharedSilo.NewName();
    private ConnectedAgent _agent = null!;

    public async ValueTask InitializeAsync()
    {
        using var folder = new TestFolder();
        (await silo.RunAsync("apply", "-f", folder.Write("shop.yaml", Running.Manifests.Shop(_tenant, SharedSilo.NewNet())))).ShouldExit(0);
        _agent = ConnectedAgent.To(silo.Silo, _tenant);
        await _agent.ReportAsync(Report(packets: 12, denied: 0, reading: 1));
        await UntilAsync(async () => (await silo.RunAsync("top", "-t", _tenant, "--once")).Lines.Count > 1);
        await _agent.ReportAsync(Report(packets: 42, denied: 30, reading: 2));
        await UntilAsync(async () => (await silo.RunAsync("top", "-t", _tenant, "--once")).Output.Contains(" 42 ", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync() => await _agent.DisposeAsync();

    [Fact]
    public async Task A_policy_shown_wide_tells_what_its_rules_have_met()
    {
        var shown = (await silo.RunAsync("get", "policy", $"{_tenant}/db", "-o", "wide")).ShouldExit(0);
        Words(shown.Lines[0]).ShouldContain("PACKETS BYTES LAST HIT");
        Words(shown.Lines[1]).ShouldContain("42 2.5 kB");
        Words(shown.Lines[2]).ShouldBe("RULE DIRECTION PACKETS BYTES LAST HIT");
        Words(shown.Lines[3]).ShouldStartWith("from-web ingress 42 2.5 kB");

        var listed = (await silo.RunAsync("get", "policies", "-t", _tenant, "-o", "wide")).ShouldExit(0);
        Words(listed.Lines[1]).ShouldContain("42 2.5 kB");
        listed.Lines.Count.ShouldBe(2);
        (await silo.RunAsync("get", "policy", _tenant, "-o", "wide")).ShouldExit(0).Lines[1].ShouldContain(" - ");
        (await silo.RunAsync("get", "policy", $"{_tenant}/db", "-o", "json")).ShouldExit(0).Output.ShouldContain("\"packets\": 42");
    }

    [Fact]
    public async Task A_node_shown_wide_tells_its_warnings_and_what_it_put_back()
    {
        var shown = (await silo.RunAsync("get", "node", _tenant, "-o", "wide")).ShouldExit(0);
        Words(shown.Lines[0]).ShouldStartWith("NODE AGENT SINCE IN SYNC ENDPOINTS APPLY DENIED REPAIRS WARNINGS");
        shown.Lines.ShouldContain("warning: bridge-nf-call-iptables is 0");
        Words(shown.Lines[^1]).ShouldEndWith("yes v4 VALLUM-DENY differs");
    }

    [Theory]
    [InlineData("policies", "POLICY TIER PACKETS/S", "NAME/db tenant 3/s 180 B/s 42 2.5 kB")]
    [InlineData("denied", "DENIED TENANT SEGMENT", "to NAME db 3/s 180 B/s 30 1.8 kB")]
    public async Task The_top_is_a_table_or_json(string what, string heads, string cells)
    {
        var shown = (await silo.RunAsync("top", what, "-t", _tenant, "--once")).ShouldExit(0);
        Words(shown.Lines[0]).ShouldStartWith(heads);
        Words(shown.Lines[1]).ShouldStartWith(cells.Replace("NAME", _tenant, StringComparison.Ordinal));
        var json = (await silo.RunAsync("top", what, "-t", _tenant, "--once", "-o", "json")).ShouldExit(0);
        using var parsed = JsonDocument.Parse(json.Output);
        parsed.RootElement.GetProperty(what).GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task The_top_of_nodes_has_this_one() =>
        (await silo.RunAsync("top", "nodes", "--once", "-n", "1000")).ShouldExit(0).Lines.ShouldContain(l => l.StartsWith($"{_tenant} ", StringComparison.Ordinal));

    [Theory]
    [InlineData("top", "pods")]
    [InlineData("top", "--by", "size")]
    [InlineData("flows", "-o", "yaml")]
    [InlineData("top", "--interval", "soon")]
    public async Task Wrong_usage_is_said_so(params string[] arguments) => (await silo.RunAsync(arguments)).ShouldExit(2);

    [Fact]
    public async Task A_limit_out_of_range_is_a_negative_answer() =>
        (await silo.RunAsync("top", "--once", "-n", "5000")).ShouldExit(1).Error.ShouldContain("OUT_OF_RANGE");

    [Fact]
    public async Task Denied_flows_are_a_table_or_lines_of_json()
    {
        await UntilAsync(async () => (await silo.RunAsync("flows", "-t", _tenant)).Lines.Count == 3);
        var shown = (await silo.RunAsync("flows", "-t", _tenant)).ShouldExit(0);
        Words(shown.Lines[0]).ShouldBe("TIME VERDICT FROM TO SERVICE NODE DECIDED BY");
        Words(shown.Lines[1]).ShouldEndWith($"denied 192.0.2.7 {_tenant}/db-1 (10.0.0.1) tcp/5432 {_tenant} ingress: isolated");
        Words(shown.Lines[2]).ShouldEndWith($"logged 192.0.2.7 {_tenant}/db-1 (10.0.0.1) icmp/8 {_tenant} ingress: {_tenant}/db rule from-web");

        (await silo.RunAsync("flows", "--node", _tenant, "--denied")).ShouldExit(0).Lines.Count.ShouldBe(2);
        (await silo.RunAsync("flows", "--party", $"{_tenant}/web-1")).ShouldExit(0).Output.Trim().ShouldBe("none");
        var json = (await silo.RunAsync("flows", "-t", _tenant, "-o", "json")).ShouldExit(0);
        json.Lines.Count.ShouldBe(2);
        using var parsed = JsonDocument.Parse(json.Lines[0]);
        parsed.RootElement.GetProperty("destinationPort").GetInt32().ShouldBe(5432);
    }

    private static string Words(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private NodeReport Report(ulong packets, ulong denied, int reading)
    {
        var hit = Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow);
        var report = new NodeReport
        {
            Run = 1,
            Stream = 1,
            DriftRepairs = 1,
            Warnings = { "bridge-nf-call-iptables is 0" },
            Drift = { new DriftFinding { Time = hit, Words = "v4 VALLUM-DENY differs", Repaired = true } },
            Counts = new Counts
            {
                Since = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
                Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(reading * 10)),
                Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
                DeniedPackets = denied,
                Policies =
                {
                    new PolicyCounts
                    {
                        Policy = $"tenants/{_tenant}/policies/db",
                        Tier = Tier.Tenant,
                        Rules = { new RuleCounts { Rule = "from-web", Direction = Direction.Ingress, Packets = packets, Bytes = packets * 60, LastHit = hit } },
                    },
                },
                Denied =
                {
                    new DeniedCounts
                    {
                        Direction = Direction.Ingress,
                        Profile = $"{_tenant} db",
                        Tenant = _tenant,
                        Endpoints = { $"{_tenant}/db-1" },
                        EndpointCount = 1,
                        Packets = denied,
                        Bytes = denied * 60,
                        LastHit = hit,
                    },
                },
            },
        };
        if (reading == 2)
        {
            report.Flows.Add([Flow(FlowEvent.Types.Verdict.Denied, 6), Flow(FlowEvent.Types.Verdict.Logged, 1)]);
        }

        return report;
    }

    private FlowEvent Flow(FlowEvent.Types.Verdict verdict, uint protocol) => new()
    {
        Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(10 - protocol)),
        Verdict = verdict,
        Direction = Direction.Ingress,
        Source = ByteString.CopyFrom(192, 0, 2, 7),
        Destination = ByteString.CopyFrom(10, 0, 0, 1),
        Protocol = protocol,
        DestinationPort = protocol == 6 ? 5432u : 0,
        IcmpType = protocol == 1 ? 8u : 0,
        DestinationEndpoint = $"{_tenant}/db-1",
        Policy = verdict == FlowEvent.Types.Verdict.Denied ? "" : $"tenants/{_tenant}/policies/db",
        Rule = verdict == FlowEvent.Types.Verdict.Denied ? "" : "from-web",
        Reason = verdict == FlowEvent.Types.Verdict.Denied ? "isolated" : "",
    };

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), late.Token);
        }
    }
}
