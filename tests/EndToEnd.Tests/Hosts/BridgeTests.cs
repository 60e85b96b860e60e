using Vallum.EndToEnd.Tests.Running;

namespace Vallum.EndToEnd.Tests.Hosts;

/// <summary>Two endpoints of one node on one bridge: their packets are judged though no router is between them.</summary>
[Collection(nameof(HostCluster))]
public sealed class BridgeTests(HostFixture fixture) : ClusterTest(fixture), IAsyncLifetime
{
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);

    private static readonly string[] Settings = ["net.bridge.bridge-nf-call-iptables", "net.bridge.bridge-nf-call-ip6tables"];

    public async ValueTask InitializeAsync()
    {
        await Cluster.RealizeAsync(HostWorld.Objects(Cluster), [], Cancellation);
        await IpAsync("n1", "link add br0 type bridge mcast_snooping 0", "link set br0 addrgenmode none", "link set br0 up",
            "addr add 169.254.1.1/32 dev br0 scope link", "addr add fe80::1/64 dev br0 nodad");
        foreach (var name in new[] { "w1", "w3" })
        {
            var (host, other) = (Lab[name], Lab[name == "w1" ? "w3" : "w1"]);
            await IpAsync("n1", $"link set {host.NodeInterface} master br0",
                $"route replace {host.V4}/32 dev br0 src {Lab["n1"].V4}", $"route replace {host.V6}/128 dev br0 src {Lab["n1"].V6}");
            await IpAsync(name, $"route replace {other.V4}/32 dev eth0", $"route replace {other.V6}/128 dev eth0");
        }

        await Lab.RunAsync("n1", "ip", ["neigh", "flush", "all"], cancellationToken: Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var name in new[] { "w1", "w3" })
        {
            var (host, other) = (Lab[name], Lab[name == "w1" ? "w3" : "w1"]);
            await IpAsync("n1", $"link set {host.NodeInterface} nomaster",
                $"route replace {host.V4}/32 dev {host.NodeInterface} src {Lab["n1"].V4}", $"route replace {host.V6}/128 dev {host.NodeInterface} src {Lab["n1"].V6}");
            await IpAsync(name, $"route del {other.V4}/32 dev eth0", $"route del {other.V6}/128 dev eth0");
        }

        await IpAsync("n1", "link del br0");
        await Cluster.RealizeAsync([], ["tenants/shop/policies/bridged"], Cancellation);
        await Cluster.RestartAgentAsync("n1", Cancellation);
    }

    [Fact]
    public async Task A_policy_between_two_endpoints_on_one_bridge_is_enforced_and_neither_sends_as_the_other()
    {
        await SetAsync("1");
        await Cluster.RealizeAsync(Documents.Read("bridged", Bridged), [], Cancellation);
        await SeesBridgeAsync();

        await Cluster.ShouldPassAsExpectedAsync(
            [
                .. Lab.Expect("w1", "w3", 80, true), .. Lab.Expect("w1", "w3", 81, false), .. Lab.Expect("w3", "w1", 81, true),
                .. Lab.Expect("w2", "w3", 80, false), .. Lab.Expect("w2", "w1", 81, true), .. Lab.Expect("w1", "w2", 81, true),
                .. Lab.Expect("w3", "n1", 81, true), .. Lab.Expect("n1", "w3", 81, true), .. Lab.Expect("stranger", "w3", 80, false),
            ],
            "on the bridge", Cancellation);

        await Lab.OpenAsync("w2", Vallum.Lab.Service.Udp(53));
        foreach (var forged in new[] { Lab["w1"].V4, Lab["w4"].V4, System.Net.IPAddress.Parse("198.51.100.9") })
        {
            (await Lab.IsForgedHeardAsync("w3", forged, "w2", 53, Silence, Cancellation)).ShouldBeFalse($"w3 as {forged}\n{await Evidence.OfAsync(Cluster, ["n1"])}");
        }

        (await Lab.IsForgedHeardAsync("w3", Lab["w3"].V4, "w2", 53, TimeSpan.FromSeconds(2), Cancellation)).ShouldBeTrue("its own address is no lie");
        await Lab.OpenAsync("w1", Vallum.Lab.Service.Udp(53));
        (await Lab.IsForgedHeardAsync("w3", Lab["w2"].V4, "w1", 53, Silence, Cancellation)).ShouldBeFalse("across the bridge");
        (await Lab.IsForgedHeardAsync("w3", Lab["w3"].V4, "w1", 53, TimeSpan.FromSeconds(2), Cancellation)).ShouldBeTrue();
    }

    [Fact]
    public async Task Where_the_kernel_does_not_show_bridged_packets_the_agent_says_so_or_makes_it()
    {
        await SetAsync("0");
        await Cluster.RealizeAsync(Documents.Read("bridged", Bridged), [], Cancellation);
        await Eventually.BecomesAsync(
            "the node's status warns", TimeSpan.FromSeconds(15),
            async () => (await Cluster.Api.Nodes.GetNodeAsync(new() { Name = "nodes/n1" }, cancellationToken: Cancellation)).Status.Warnings.Any(w => w.Contains("bridge-nf-call-iptables", StringComparison.Ordinal)),
            () => Cluster.Agents["n1"].Output, Cancellation);
        Cluster.Agents["n1"].Output.ShouldContain("bypasses all policies");
        await Cluster.ShouldPassAsExpectedAsync([.. Lab.Expect("w1", "w3", 81, true), .. Lab.Expect("w2", "w3", 80, false)], "bypassed", Cancellation);

        await Cluster.RestartAgentAsync("n1", Cancellation, "--bridge-netfilter", "enable");
        await SeesBridgeAsync();
        await Cluster.ShouldPassAsExpectedAsync([.. Lab.Expect("w1", "w3", 80, true), .. Lab.Expect("w1", "w3", 81, false)], "shown", Cancellation);
    }

    private const string Bridged = """
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: bridged, tenant: shop}
        spec:
          subject: [{selector: {matchLabels: {app: w3}}}]
          directions: [Ingress]
          ingress:
          - peers: [{endpoints: {selector: {matchLabels: {app: w1}}}}]
            services: [{protocol: tcp, ports: ["80"]}]
        """;

    private Task SeesBridgeAsync() => Eventually.BecomesAsync(
        "the agent knows of the bridge", TimeSpan.FromSeconds(10),
        async () => (await Lab.RunAsync("n1", "ipset", ["save"], cancellationToken: Cancellation)).Contains(",br0", StringComparison.Ordinal) &&
            (await Lab.RunAsync("n1", "iptables-save", [], cancellationToken: Cancellation)).Contains("VALLUM-PORTS", StringComparison.Ordinal),
        () => Cluster.Agents["n1"].Output, Cancellation);

    private async Task SetAsync(string value)
    {
        foreach (var setting in Settings)
        {
            await Lab.RunAsync("n1", "sysctl", ["-qw", $"{setting}={value}"], cancellationToken: Cancellation);
        }
    }

    private Task<string> IpAsync(string host, params string[] lines) =>
        Lab.RunAsync(host, "ip", ["-batch", "-"], string.Join('\n', lines), Cancellation);
}
