using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab;
using Vallum.Lab.Probing;

namespace Vallum.EndToEnd.Tests.Restarts;

/// <summary>An agent goes and comes back; the kernel keeps what it was told, and the agent knows what that was.</summary>
[Collection(nameof(SmallCluster))]
public sealed class AgentRestartTests(SmallFixture fixture, ITestOutputHelper output) : ClusterTest(fixture), IAsyncLifetime
{
    private const string ResourcesSent = "vallum_agent_resources";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    public async ValueTask InitializeAsync() => await SmallWorld.RestoreAsync(Cluster, Cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task After_kill_9_it_resumes_from_its_state_and_traffic_is_unharmed_meanwhile()
    {
        var sent = await Cluster.Api.CounterAsync(ResourcesSent, "", Cancellation);
        await Cluster.UnderTrafficAsync(
            async () =>
            {
                foreach (var node in new[] { "n1", "n2" })
                {
                    await Cluster.Agents[node].KillAsync();
                    await Cluster.ShouldPassAsExpectedAsync([new(Lab.Permitted(), true), new(Lab.Forbidden(), false)], $"no agent on {node}", Cancellation);
                    var agent = Cluster.StartAgent(node);
                    output.WriteLine(await agent.WaitForLineAsync("are enforced after", Soon, Cancellation));
                    await agent.WaitForLineAsync("Connected to", Soon, Cancellation);
                }

                await Cluster.WaitConnectedAsync(Cancellation);
            },
            output);
        (await Cluster.Api.CounterAsync(ResourcesSent, "", Cancellation)).ShouldBe(sent, "resources were sent to an agent that had them");
    }

    [Fact]
    public async Task After_a_reboot_it_enforces_what_it_knew_before_any_control_plane_answers()
    {
        await Cluster.Agents["n2"].KillAsync();
        await Cluster.Silo.KillAsync();
        await WipeAsync("n2");
        (await Lab.ProbeAsync([Lab.Forbidden()], cancellationToken: Cancellation)).IsAllowed(Lab.Forbidden()).ShouldBeTrue("the rules are gone");

        var agent = Cluster.StartAgent("n2");
        await agent.WaitForLineAsync("are enforced after", Soon, Cancellation);

        await Cluster.ShouldPassAsExpectedAsync(
            [
                new(Lab.Permitted(), true),
                new(Lab.Forbidden(), false),
                new(Lab.Probe("w1", "w2", ProbeProtocol.Tcp, 81), false),
                new(Lab.Probe("w1", "w4", ProbeProtocol.Tcp, 81), true),
            ],
            "without a control plane",
            Cancellation);
    }

    [Fact]
    public async Task Told_to_stop_it_ends_soon_and_leaves_the_rules()
    {
        (await Cluster.Agents["n2"].StopAsync(TimeSpan.FromSeconds(5), Cancellation)).ShouldBe(0, Cluster.Agents["n2"].Output);

        await Cluster.ShouldPassAsExpectedAsync([new(Lab.Permitted(), true), new(Lab.Forbidden(), false)], "no agent", Cancellation);
    }

    [Fact]
    public async Task Cleanup_leaves_nothing_of_ours_and_everything_else()
    {
        string[] tools = ["iptables", "ip6tables"];
        foreach (var tool in tools)
        {
            await Lab.RunAsync("n2", tool, ["-N", "OTHERS"], cancellationToken: Cancellation);
            await Lab.RunAsync("n2", tool, ["-A", "OTHERS", "-p", "tcp", "--dport", "9999", "-j", "DROP"], cancellationToken: Cancellation);
            await Lab.RunAsync("n2", tool, ["-A", "FORWARD", "-j", "OTHERS"], cancellationToken: Cancellation);
            await Lab.RunAsync("n2", tool, ["-t", "nat", "-A", "POSTROUTING", "-p", "tcp", "--dport", "9998", "-j", "ACCEPT"], cancellationToken: Cancellation);
        }

        await Lab.RunAsync("n2", "ipset", ["create", "others", "hash:ip"], cancellationToken: Cancellation);
        await Lab.RunAsync("n2", "ipset", ["add", "others", "192.0.2.1"], cancellationToken: Cancellation);
        (await Cluster.Agents["n2"].StopAsync(TimeSpan.FromSeconds(5), Cancellation)).ShouldBe(0);
        var before = await StateAsync("n2");
        before.ShouldContain(line => line.Contains("VALLUM", StringComparison.OrdinalIgnoreCase));

        await using var cleanup = Lab.Start("n2", new ProcessSpec(Programs.Agent, "cleanup", "--state-dir", Cluster.StateDirectoryOf("n2")));
        (await cleanup.WaitForExitAsync(Soon, Cancellation)).ShouldBe(0, cleanup.Output);

        var after = await StateAsync("n2");
        var others = before.Where(line => !line.Contains("VALLUM", StringComparison.OrdinalIgnoreCase)).ToList();
        after.ShouldBe(others);
        others.Count(line => line.Contains("OTHERS", StringComparison.OrdinalIgnoreCase)).ShouldBe(8);

        await WipeAsync("n2");
    }

    /// <summary>Every table and set as the tools save them, without counters and comments.</summary>
    private async Task<List<string>> StateAsync(string node)
    {
        List<string> lines = [];
        foreach (var (tool, arguments) in new (string, string[])[] { ("iptables-save", []), ("ip6tables-save", []), ("ipset", ["save"]) })
        {
            var text = await Lab.RunAsync(node, tool, arguments, cancellationToken: Cancellation);
            lines.AddRange(text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line[0] == ':' ? line[..line.IndexOf('[', StringComparison.Ordinal)] : line));
        }

        return lines;
    }

    /// <summary>As after a reboot: no rule, no set, no connection.</summary>
    private async Task WipeAsync(string node)
    {
        foreach (var tool in new[] { "iptables", "ip6tables" })
        {
            foreach (var table in new[] { "filter", "nat" })
            {
                await Lab.RunAsync(node, tool, ["-t", table, "-F"], cancellationToken: Cancellation);
                await Lab.RunAsync(node, tool, ["-t", table, "-X"], cancellationToken: Cancellation);
            }
        }

        // A set outlives the rules that named it by a grace period of the kernel.
        await Eventually.BecomesAsync(
            "the sets are gone",
            Soon,
            async () =>
            {
                await Lab.RunAsync(node, "sh", ["-c", "ipset destroy 2>/dev/null || true"], cancellationToken: Cancellation);
                return (await Lab.RunAsync(node, "ipset", ["list", "-n"], cancellationToken: Cancellation)).Length == 0;
            },
            () => "some are in use",
            Cancellation);
    }
}
