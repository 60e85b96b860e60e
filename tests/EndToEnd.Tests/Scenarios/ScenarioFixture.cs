using System.Collections.Immutable;
using System.Net;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab;

namespace Vallum.EndToEnd.Tests.Scenarios;

/// <summary>The endpoints of the inventory as workloads, one workload that is no endpoint, and a machine outside.</summary>
public sealed class ScenarioFixture() : ClusterFixture(Spec)
{
    public const string Stranger = "stranger";

    public const string Client = "client";

    private static readonly ImmutableArray<Service> Services =
    [
        Service.Tcp(80), Service.Tcp(81), Service.Tcp(443), Service.Tcp(5432), Service.Tcp(8080), Service.Tcp(8081), Service.Tcp(8082),
        Service.Udp(53), Service.Udp(80), Service.Sctp(80),
    ];

    private static LabSpec Spec() => new(
        [new NodeSpec("n1"), new NodeSpec("n2"), new NodeSpec("n3")],
        [
            .. ScenarioFile.Inventory.Select(each => each.Endpoint).Where(endpoint => endpoint is not null).Select(endpoint => new WorkloadSpec(
                endpoint.Name.Split('/')[^1], endpoint.Spec.Node)
            {
                Addresses = [.. endpoint.Spec.Addresses.Select(IPAddress.Parse)],
                NodeInterface = endpoint.Spec.Interface.Length > 0 ? endpoint.Spec.Interface : null,
                Services = Services,
            }),
            new WorkloadSpec(Stranger, "n1") { Addresses = [IPAddress.Parse("10.60.9.9"), IPAddress.Parse("fd60:9::9")], Services = Services },
            new WorkloadSpec(Client, null) { Addresses = [IPAddress.Parse("203.0.113.7"), IPAddress.Parse("2001:db8:7::7")], Services = Services },
        ]);
}

/// <summary>Its tests run one after the other on one cluster.</summary>
[CollectionDefinition(nameof(ScenarioCluster))]
public sealed class ScenarioCluster : ICollectionFixture<ScenarioFixture>;
