using System.Collections.Immutable;
using Vallum.Contracts.Api.V1;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab.Probing;

namespace Vallum.EndToEnd.Tests.Hosts;

/// <summary>What policies about nodes do to packets of the nodes themselves.</summary>
[Collection(nameof(HostCluster))]
public sealed class HostPolicyTests(HostFixture fixture, ITestOutputHelper output) : ClusterTest(fixture), IAsyncLifetime
{
    private const string Everything = "policies/edge";

    public async ValueTask InitializeAsync() => await Cluster.RealizeAsync(HostWorld.Objects(Cluster), [], Cancellation);

    public async ValueTask DisposeAsync()
    {
        if (await HasAsync(Everything))
        {
            await Cluster.RealizeAsync([], [Everything], Cancellation);
        }
    }

    [Fact]
    public async Task A_node_is_closed_but_for_what_its_policy_names()
    {
        await Cluster.RestartAgentAsync("n1", Cancellation, "--failsafe", "none");
        await Cluster.RealizeAsync(HostWorld.Policy("edge", "Baseline", $$$$$"""
              directions: [Ingress, Egress]
              ingress:
              - peers: [{ipBlock: {cidr: "{{{{{Lab["office"].V4}}}}}/32" } }, {ipBlock: {cidr: "{{{{{Lab["office"].V6}}}}}/128" } }]
                services: [{protocol: tcp, ports: ["22"]}]
              - peers: [{endpoints: {tenants: {names: [shop]}, selector: {matchLabels: {app: w2} } } }]
                services: [{protocol: tcp, ports: ["80"]}]
              - {action: Deny, peers: [{any: {} }]}
              egress:
              - peers: [{nodes: {selector: {} }}]
                services: [{protocol: tcp, ports: ["80"]}]
              - peers: [{ipBlock: {cidr: "{{{{{Lab.Control.V4}}}}}/32" } }]
              - {action: Deny, peers: [{any: {} }]}
            """), [], Cancellation);

        await Cluster.ShouldPassAsExpectedAsync(
            [
                .. Lab.Expect("office", "n1", 22, true), .. Lab.Expect("stranger", "n1", 22, false), .. Lab.Expect("office", "n1", 80, false),
                .. Lab.Expect("w2", "n1", 80, true), .. Lab.Expect("w2", "n1", 81, false), .. Lab.Expect("w4", "n1", 80, false),
                .. Lab.Expect("n2", "n1", 80, false), .. Lab.Expect("n1", "n2", 80, true), .. Lab.Expect("n1", "n2", 81, false),
                .. Lab.Expect("n1", "office", 80, false), .. Lab.Expect("n1", "w2", 80, false),
                // Its own endpoints, what it forwards, and the other node are not concerned.
                .. Lab.Expect("w1", "n1", 81, true), .. Lab.Expect("n1", "w1", 81, true), .. Lab.Expect("stranger", "w1", 81, true),
                .. Lab.Expect("w1", "stranger", 81, true), .. Lab.Expect("stranger", "n2", 81, true), .. Lab.Expect("n2", "stranger", 81, true),
            ],
            "with the policy", Cancellation);

        var status = (await Cluster.Api.Policies.GetPolicyAsync(new() { Name = Everything }, cancellationToken: Cancellation)).Status;
        (status.Phase, status.NodesDesired, status.NodesRealized).ShouldBe((PolicyStatus.Types.Phase.Realized, 1, 1));
        var flow = await new AnalysisService.AnalysisServiceClient(Cluster.Api.Channel).ExplainFlowAsync(
            new ExplainFlowRequest { Source = $"{Lab["stranger"].V4}", Destination = "nodes/n1", Port = 22 }, cancellationToken: Cancellation);
        (flow.Allowed, flow.Ingress.Policy, flow.Ingress.Node).ShouldBe((false, Everything, "nodes/n1"));

        await Cluster.RealizeAsync([], [Everything], Cancellation);
        await Cluster.RestartAgentAsync("n1", Cancellation);
        await Cluster.ShouldPassAsExpectedAsync([.. Lab.Expect("stranger", "n1", 80, true), .. Lab.Expect("n1", "office", 80, true)], "without it", Cancellation);
    }

    [Fact]
    public async Task Who_closes_a_node_altogether_can_still_log_in_and_undo_it()
    {
        await Cluster.RealizeAsync(HostWorld.Policy("edge", "Admin", """
              directions: [Ingress, Egress]
              ingress: [{action: Deny, peers: [{any: {} }]}]
              egress: [{action: Deny, peers: [{any: {} }]}]
            """), [], Cancellation);
        await Cluster.ShouldPassAsExpectedAsync(
            [.. Lab.Expect("stranger", "n1", 22, true), .. Lab.Expect("stranger", "n1", 80, false), .. Lab.Expect("n1", "office", 22, false)],
            "closed", Cancellation);

        // It comes back by a new connection, through the closed node.
        await Cluster.RestartAgentAsync("n1", Cancellation);
        await Cluster.RealizeAsync([], [Everything], Cancellation);
        await Cluster.ShouldPassAsExpectedAsync([.. Lab.Expect("stranger", "n1", 80, true), .. Lab.Expect("n1", "office", 22, true)], "open again", Cancellation);
    }

    [Fact]
    public async Task A_policy_about_a_node_is_rewritten_under_traffic()
    {
        await Cluster.RealizeAsync(Rewritten(0), [], Cancellation);
        var patience = TimeSpan.FromSeconds(3);
        await using var permitted = Lab.StartFlow(Lab.Probe("office", "n1", ProbeProtocol.Tcp, 80), 100, patience);
        await using var forbidden = Lab.StartFlow(Lab.Probe("stranger", "n1", ProbeProtocol.Tcp, 80), 25, TimeSpan.FromSeconds(1));
        for (var turn = 1; turn <= 30; turn++)
        {
            await Cluster.RealizeAsync(Rewritten(turn), [], Cancellation);
        }

        var (passed, stopped) = (await permitted.StopAsync(), await forbidden.StopAsync());
        output.WriteLine($"{passed}\n{stopped}");
        passed.Attempts.Count.ShouldBeGreaterThan(0);
        passed.Lost.ShouldBeEmpty();
        stopped.Leaked.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_label_of_a_node_brings_it_under_a_policy_and_out_of_it()
    {
        await Cluster.RealizeAsync(
            HostWorld.Policy("edge", "Baseline", "  directions: [Ingress]\n  ingress: [{action: Deny, peers: [{any: {} }]}]"), [], Cancellation);
        await Cluster.ShouldPassAsExpectedAsync([.. Lab.Expect("stranger", "n1", 80, false), .. Lab.Expect("stranger", "n2", 80, true)], "n1", Cancellation);

        await Cluster.RealizeAsync(Cluster.NodeObjects(), [], Cancellation);
        await Eventually.BecomesAsync(
            "n1 is open without the label", TimeSpan.FromSeconds(10),
            async () => (await Lab.ProbeAsync([Lab.Probe("stranger", "n1", ProbeProtocol.Tcp, 80)], TimeSpan.FromSeconds(1), Cancellation)).Rows.All(r => r.Result.Outcome == ProbeOutcome.Allowed),
            () => Cluster.Agents["n1"].Output, Cancellation);
    }

    [Fact]
    public async Task An_endpoint_on_the_hosts_network_is_reached_as_its_node_is()
    {
        var endpoint = Documents.Read("host", $$$$$"""
            apiVersion: vallum.io/v1
            kind: Endpoint
            metadata: {name: exporter, tenant: shop, labels: {app: exporter} }
            spec: {node: n1, addresses: ["{{{{{Lab["n1"].V4}}}}}"], hostNetwork: true}
            """);
        await Cluster.RealizeAsync([.. endpoint, .. HostWorld.Policy("edge", "Baseline", """
              directions: [Ingress]
              ingress:
              - peers: [{nodes: {selector: {} }}]
              - {action: Deny, peers: [{any: {} }]}
            """)], [], Cancellation);
        await Cluster.ShouldPassAsExpectedAsync([.. Lab.Expect("n2", "n1", 81, true), .. Lab.Expect("stranger", "n1", 81, false)], "exporter", Cancellation);
        await Cluster.RealizeAsync([], ["tenants/shop/endpoints/exporter"], Cancellation);
    }

    private ImmutableArray<Contracts.Api.V1.Object> Rewritten(int turn) => HostWorld.Policy("edge", turn % 2 == 0 ? "Baseline" : "Admin", $$$$$"""
          directions: [Ingress]
          ingress:
          - peers: [{ipBlock: {cidr: "{{{{{Lab["office"].V4}}}}}/32" } }, {ipBlock: {cidr: "10.99.{{{{{turn}}}}}.0/24" } }]
            services: [{protocol: tcp, ports: ["80", "{{{{{turn + 1000}}}}}"]}]
          - {action: Deny, peers: [{any: {} }]}
        """);

    private async Task<bool> HasAsync(string policy) =>
        (await Cluster.Api.Policies.ListPoliciesAsync(new() { PageSize = 100 }, cancellationToken: Cancellation)).Policies.Any(each => each.Name == policy);
}
