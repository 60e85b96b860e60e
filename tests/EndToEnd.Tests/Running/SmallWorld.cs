using System.Collections.Immutable;
using Vallum.Lab;
using Vallum.Lab.Probing;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.EndToEnd.Tests.Running;

/// <summary>
/// Two nodes with two workloads each, w1 and w3 on n1, w2 and w4 on n2; all are endpoints of the tenant "shop" with the label app=w1 and so on.
/// The policy "guard" lets w1 and nobody else reach port 80 of w2.
/// </summary>
public class SmallFixture() : ClusterFixture(() => LabSpec.Of(2, 4, Service.Tcp(80), Service.Tcp(81)))
{
    protected override async Task PrepareAsync(RunningCluster cluster)
    {
        await SmallWorld.RestoreAsync(cluster, TestContext.Current.CancellationToken);
    }
}

/// <summary>Its tests run one after the other on one cluster.</summary>
[CollectionDefinition(nameof(SmallCluster))]
public sealed class SmallCluster : ICollectionFixture<SmallFixture>;

internal static class SmallWorld
{
    /// <summary>A hundred a second see every gap of 20 ms and more.</summary>
    private const int PerSecond = 100;

    public const string Guard = """
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: guard, tenant: shop}
        spec:
          subject: [{selector: {matchLabels: {app: w2}}}]
          directions: [Ingress]
          ingress:
          - peers: [{endpoints: {selector: {matchLabels: {app: w1}}}}]
            services: [{protocol: tcp, ports: ["80"]}]
        """;

    /// <summary>The tenant and its endpoints as they are in the lab, and the policy "guard".</summary>
    public static ImmutableArray<ApiObject> Objects(PacketLab lab) =>
    [
        .. Documents.Read("tenant", """
            apiVersion: vallum.io/v1
            kind: Tenant
            metadata: {name: shop}
            spec: {}
            ---
            apiVersion: vallum.io/v1
            kind: Segment
            metadata: {name: default, tenant: shop}
            """),
        .. lab.Workloads.SelectMany(workload => Documents.Read("endpoint", Endpoint(workload))),
        .. Documents.Read("guard", Guard),
    ];

    /// <summary>Makes it so again, whatever a test before did to the processes and to the objects, and waits until it is in every kernel.</summary>
    public static async Task RestoreAsync(RunningCluster cluster, CancellationToken cancellationToken)
    {
        if (cluster.Silo.HasExited)
        {
            await cluster.StartSiloAsync(cancellationToken);
        }

        foreach (var node in cluster.Agents.Where(agent => agent.Value.HasExited).Select(agent => agent.Key).ToList())
        {
            cluster.StartAgent(node);
        }

        await cluster.WaitConnectedAsync(cancellationToken);
        var objects = Objects(cluster.Lab);
        var policies = await cluster.Api.Policies.ListPoliciesAsync(new() { Parent = "tenants/-", PageSize = 1000 }, cancellationToken: cancellationToken);
        var more = policies.Policies.Select(policy => policy.Name).Where(name => name != "tenants/shop/policies/guard");
        await cluster.RealizeAsync([.. cluster.NodeObjects(), .. objects], more, cancellationToken);
    }

    public static Probe Permitted(this PacketLab lab) => lab.Probe("w1", "w2", ProbeProtocol.Tcp, 80);

    public static Probe Forbidden(this PacketLab lab) => lab.Probe("w3", "w2", ProbeProtocol.Tcp, 80);

    /// <summary>Runs while both flows go: of the permitted one nothing may be lost, and of the forbidden one nothing may pass.</summary>
    public static async Task UnderTrafficAsync(this RunningCluster cluster, Func<Task> change, ITestOutputHelper output)
    {
        var patience = TimeSpan.FromSeconds(3);
        await using var permitted = cluster.Lab.StartFlow(cluster.Lab.Permitted(), PerSecond, patience);
        await using var forbidden = cluster.Lab.StartFlow(cluster.Lab.Forbidden(), PerSecond / 4, TimeSpan.FromSeconds(1));
        await change();
        var passed = await permitted.StopAsync();
        var stopped = await forbidden.StopAsync();
        output.WriteLine($"{passed}\n{stopped}");
        passed.Attempts.Count.ShouldBeGreaterThan(0);
        if (passed.Lost.Count > 0 || stopped.Leaked.Count > 0)
        {
            Assert.Fail($"lost: {passed}\nleaked: {string.Join(", ", stopped.Leaked.Take(20))}\n{await Evidence.OfAsync(cluster, ["n1", "n2"])}");
        }
    }

    public static string Endpoint(LabHost workload, string labels = "") => $$"""
        apiVersion: vallum.io/v1
        kind: Endpoint
        metadata:
          name: {{workload.Name}}
          tenant: shop
          labels: { app: {{workload.Name}}{{labels}} }
        spec:
          node: {{workload.Node}}
          addresses: ["{{string.Join("\", \"", workload.Addresses)}}"]
          interface: {{workload.NodeInterface}}
        """;
}
