using System.Collections.Immutable;
using System.Net.Sockets;
using Vallum.Contracts.Api.V1;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab;
using Vallum.Lab.Probing;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using Service = Vallum.Lab.Service;

namespace Vallum.EndToEnd.Tests.Hosts;

/// <summary>
/// Two nodes, n1 with the label role=edge; w1 and w3 behind n1, w2 and w4 behind n2; "office" and "stranger" outside. Nodes and workloads serve tcp 22, 80 and 81.
/// </summary>
public sealed class HostFixture() : ClusterFixture(Spec)
{
    private static readonly Service[] Services = [Service.Tcp(22), Service.Tcp(80), Service.Tcp(81)];

    private static LabSpec Spec()
    {
        var inside = LabSpec.Of(2, 4, [.. Services]);
        return inside with { Workloads = [.. inside.Workloads, Outside("office"), Outside("stranger")] };
    }

    private static WorkloadSpec Outside(string name) => new(name, null) { Services = [.. Services] };

    protected override async Task PrepareAsync(RunningCluster cluster)
    {
        foreach (var node in cluster.Lab.Nodes)
        {
            foreach (var service in Services)
            {
                await cluster.Lab.OpenAsync(node.Name, service);
            }
        }
    }
}

[CollectionDefinition(nameof(HostCluster))]
public sealed class HostCluster : ICollectionFixture<HostFixture>;

internal static class HostWorld
{
    /// <summary>The inventory, with n1 labelled; without any policy.</summary>
    public static ImmutableArray<ApiObject> Objects(RunningCluster cluster) =>
    [
        .. cluster.NodeObjects().Select(each => each.Node.Name == "nodes/n1" ? Labelled(each) : each),
        .. SmallWorld.Objects(cluster.Lab).Where(each => each.Policy is null),
    ];

    public static ImmutableArray<ApiObject> Policy(string name, string tier, string spec) => Documents.Read(name, $$$$$"""
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: {{{{{name}}}}}}
        spec:
          tier: {{{{{tier}}}}}
          subject: [{nodes: {selector: {matchLabels: {role: edge}}}}]
        {{{{{spec}}}}}
        """);

    /// <summary>Both families, when the host has them.</summary>
    public static IEnumerable<Expectation> Expect(this PacketLab lab, string from, string to, int port, bool allowed) =>
        new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }.Select(family => new Expectation(lab.Probe(from, to, ProbeProtocol.Tcp, port, family), allowed));

    private static ApiObject Labelled(ApiObject node)
    {
        node.Node.Metadata = new Metadata { Labels = { ["role"] = "edge" } };
        return node;
    }
}
