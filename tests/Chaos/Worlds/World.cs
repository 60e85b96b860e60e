using System.Collections.Immutable;
using System.Globalization;
using Vallum.Contracts.Api.V1;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Chaos.Worlds;

/// <summary>
/// Tenants on nodes, each node with two of them. A tenant has an endpoint on each of its nodes, the policies "left" and "right" that select them all, and the
/// endpoint "mover", which is on no node and which right names by its label. One Apply changes left, right and the mover's address together: whoever sees a
/// generation of one and another of the other sees a mix of revisions.
/// </summary>
internal sealed record World(int Tenants, int Nodes)
{
    private static readonly ImmutableArray<string> Segments = ["web", "movers"];

    public IEnumerable<string> NodeNames => Enumerable.Range(0, Nodes).Select(NodeName);

    public static string NodeName(int node) => string.Create(CultureInfo.InvariantCulture, $"n{node}");

    public static string TenantName(int tenant) => string.Create(CultureInfo.InvariantCulture, $"tenants/t{tenant}");

    public static string PolicyName(int tenant, string policy) => $"{TenantName(tenant)}/policies/{policy}";

    /// <summary>As agents meet it, in the names of policies.</summary>
    public static string ShortName(int tenant) => string.Create(CultureInfo.InvariantCulture, $"t{tenant}");

    /// <summary>The two tenants of a node.</summary>
    public IEnumerable<int> TenantsOf(int node) => new[] { node % Tenants, (node + 1) % Tenants }.Distinct();

    public IEnumerable<ApiObject> Cluster() => NodeNames.Select(name => new ApiObject
    {
        Node = new Node { Name = $"nodes/{name}", Metadata = new Metadata(), Spec = new NodeSpec() },
    });

    /// <summary>A tenant as it begins, at generation 0.</summary>
    public IEnumerable<ApiObject> Begin(int tenant) =>
    [
        new() { Tenant = new Tenant { Name = TenantName(tenant), Metadata = new Metadata(), Spec = new TenantSpec() } },
        .. Segments.Select(name => new ApiObject { Segment = new Segment { Name = $"{TenantName(tenant)}/segments/{name}", Spec = new SegmentSpec() } }),
        .. Enumerable.Range(0, Nodes).Where(node => TenantsOf(node).Contains(tenant)).Select(node => OnNode(tenant, node, $"web-{node}", 1)),
        .. At(tenant, 0),
    ];

    /// <summary>What one Apply changes.</summary>
    public static IEnumerable<ApiObject> At(int tenant, int generation)
    {
        var left = new Rule { Peers = { Block(Address(1, tenant, generation)) } };
        var right = new Rule { Peers = { Block(Address(1, tenant, generation)), new Peer { Endpoints = Picks("mover") } } };
        return
        [
            Policy(tenant, "left", new PolicySpec { Directions = { Direction.Ingress }, Ingress = { left } }),
            Policy(tenant, "right", new PolicySpec { Directions = { Direction.Egress }, Egress = { right } }),
            Endpoint(tenant, "mover", "movers", Address(2, tenant, generation)),
        ];
    }

    /// <summary>An endpoint more on one of the tenant's nodes.</summary>
    public ApiObject Addition(int tenant, int number)
    {
        var nodes = Enumerable.Range(0, Nodes).Where(node => TenantsOf(node).Contains(tenant)).ToList();
        return OnNode(tenant, nodes[number % nodes.Count], AdditionName(number), 2 + number);
    }

    public static string AdditionName(int number) => string.Create(CultureInfo.InvariantCulture, $"more-{number}");

    private static ApiObject OnNode(int tenant, int node, string name, int place)
    {
        var endpoint = Endpoint(tenant, name, "web", string.Create(CultureInfo.InvariantCulture, $"fd00:0:{tenant:x}:{node:x}::{place:x}"));
        (endpoint.Endpoint.Spec.Node, endpoint.Endpoint.Spec.Interface) = (NodeName(node), string.Create(CultureInfo.InvariantCulture, $"v{tenant}x{place}"));
        return endpoint;
    }

    private static string Address(int kind, int tenant, int generation) =>
        string.Create(CultureInfo.InvariantCulture, $"fd0{kind}:0:{tenant:x}::{generation >> 16:x}:{generation & 0xffff:x}");

    private static ApiObject Endpoint(int tenant, string name, string segment, string address) => new()
    {
        Endpoint = new Endpoint
        {
            Name = $"{TenantName(tenant)}/endpoints/{name}",
            Metadata = new Metadata { Labels = { { "role", segment == "web" ? "web" : "mover" } } },
            Spec = new EndpointSpec { Segment = segment, Addresses = { address } },
        },
    };

    private static ApiObject Policy(int tenant, string name, PolicySpec spec)
    {
        spec.Subject.Add(new PolicySubject { Selector = Picks("web").Selector });
        return new ApiObject { Policy = new Policy { Name = PolicyName(tenant, name), Metadata = new Metadata(), Spec = spec } };
    }

    private static EndpointSelector Picks(string role) => new() { Selector = new LabelSelector { MatchLabels = { { "role", role } } } };

    private static Peer Block(string address) => new() { IpBlock = new IpBlock { Cidr = $"{address}/128" } };
}
