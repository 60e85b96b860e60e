using System.Globalization;
using Vallum.Contracts.Api.V1;
using Vallum.Workloads;
using ApiObject = Vallum.Contracts.Api.V1.Object;
using Service = Vallum.Contracts.Api.V1.Service;

namespace Vallum.Scenarios.Spans;

/// <summary>
/// A tenant that has a server on every node, and callers that come and go on nodes which are not there: each caller is a member of the one group that all
/// servers allow, and so of concern to every node. Beside it a world of other tenants on the same nodes.
/// </summary>
/// <param name="others">Null: nobody.</param>
internal sealed class SpanWorld(IReadOnlyList<string> nodes, World? others)
{
    public const string Tenant = "tenants/span";

    private const uint FirstServer = 0xC640_0000;
    private const uint FirstCaller = 0xC600_0000;
    private const uint FirstNode = 0xAC10_0001;

    public IReadOnlyList<string> Nodes => nodes;

    public static uint AddressOf(int caller) => FirstCaller + (uint)caller;

    public static string NameOf(int caller) => string.Create(CultureInfo.InvariantCulture, $"{Tenant}/endpoints/caller-{caller}");

    /// <summary>On no node of ours.</summary>
    public static ApiObject Caller(int number) => Endpoint(NameOf(number), "caller", AddressOf(number), "");

    /// <summary>In an order in which each is allowed, in calls of a handy size.</summary>
    public IEnumerable<ApiObject[]> Calls()
    {
        var objects = nodes.Select(Node).Concat(Own()).Concat(others?.Tenants.SelectMany(tenant => tenant.Messages()) ?? []);
        return objects.Chunk(1_000);
    }

    private IEnumerable<ApiObject> Own() =>
    [
        new() { Tenant = new Tenant { Name = Tenant, Metadata = new Metadata(), Spec = new TenantSpec() } },
        new() { Segment = new Segment { Name = $"{Tenant}/segments/all", Spec = new SegmentSpec() } },
        .. nodes.Select((node, number) => Endpoint($"{Tenant}/endpoints/server-{number}", "server", FirstServer + (uint)number, node)),
        new()
        {
            Policy = new Policy
            {
                Name = $"{Tenant}/policies/callers",
                Metadata = new Metadata(),
                Spec = new PolicySpec
                {
                    Subject = { new PolicySubject { Selector = Role("server") } },
                    Directions = { Direction.Ingress },
                    Ingress = { new Rule { Peers = { new Peer { Endpoints = new EndpointSelector { Selector = Role("caller") } } }, Services = { new Service { Protocol = "tcp", Ports = { "443" } } } } },
                },
            },
        },
    ];

    private static ApiObject Node(string name, int number) => new()
    {
        Node = new Node { Name = $"nodes/{name}", Metadata = new Metadata(), Spec = new NodeSpec { Addresses = { Text(FirstNode + (uint)number) } } },
    };

    private static ApiObject Endpoint(string name, string role, uint address, string node) => new()
    {
        Endpoint = new Endpoint
        {
            Name = name,
            Metadata = new Metadata { Labels = { { "role", role } } },
            Spec = new EndpointSpec { Segment = "all", Node = node, Addresses = { Text(address) } },
        },
    };

    private static LabelSelector Role(string role) => new() { MatchLabels = { { "role", role } } };

    private static string Text(uint address) => string.Create(CultureInfo.InvariantCulture, $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}");
}
