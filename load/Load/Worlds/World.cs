using System.Collections.Immutable;
using System.Globalization;
using Vallum.Contracts.Api.V1;
using Vallum.Lab;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Load.Worlds;

/// <summary>
/// One tenant. The probed part: an endpoint "web-N" on every node, "callers" that are on no node of the lab, and the policy "probe" that lets the callers
/// reach the web. The background: policies that are only there, and endpoints for them.
/// </summary>
internal static class World
{
    public const string Tenant = "tenants/load";

    private static readonly ImmutableArray<string> Segments = ["web", "callers", "background"];

    /// <summary>Endpoints of the background; its policies share them.</summary>
    private const int BackgroundEndpoints = 200;

    /// <summary>Groups of peers that the background's policies name.</summary>
    private const int PeerGroups = 50;

    public static IEnumerable<ApiObject> Probed(PacketLab lab) =>
    [
        new() { Tenant = new Tenant { Name = Tenant, Metadata = new Metadata(), Spec = new TenantSpec() } },
        .. Segments.Select(name => new ApiObject { Segment = new Segment { Name = $"{Tenant}/segments/{name}", Spec = new SegmentSpec() } }),
        .. lab.Workloads.Select(Web),
        .. Enumerable.Range(1, 10).Select(number => Caller(number, "client")),
        Probe("probe", 8080),
    ];

    /// <summary>Lets the callers reach the web on one port.</summary>
    public static ApiObject Probe(string name, int port) => Policy(name, Picks("role", "web"), new Rule
    {
        Peers = { new Peer { Endpoints = Picks("role", "client") } },
        Services = { Tcp(port) },
    });

    /// <summary>An endpoint that is on no node of the lab: where it is a member, the nodes of the web know its address.</summary>
    public static ApiObject Caller(int number, string role) => Endpoint($"caller-{number}", "callers", role, $"10.200.{number / 250}.{(number % 250) + 1}");

    public static string CallerName(int number) => $"{Tenant}/endpoints/caller-{number}";

    public static string PolicyName(string policy) => $"{Tenant}/policies/{policy}";

    /// <summary>The background's endpoints.</summary>
    public static IEnumerable<ApiObject> Endpoints(Shape shape, PacketLab lab) => Endpoints(shape, [.. lab.Nodes.Select(node => node.Name)]);

    public static IEnumerable<ApiObject> Endpoints(Shape shape, IReadOnlyList<string> nodes)
    {
        for (var index = 0; index < BackgroundEndpoints; index++)
        {
            var endpoint = Endpoint($"back-{index}", "background", "background", $"10.201.0.{index + 1}");
            endpoint.Endpoint.Metadata.Labels["set"] = Name(index);
            endpoint.Endpoint.Metadata.Labels["peer"] = Name(index % PeerGroups);
            endpoint.Endpoint.Spec.Node = shape == Shape.Beside ? nodes[index % nodes.Count] : "";
            yield return endpoint;
        }
    }

    /// <summary>The background's policies from one count to another: each allows one port from a group, a block or anybody.</summary>
    public static IEnumerable<ApiObject> Policies(Shape shape, int from, int to) => Enumerable.Range(from, to - from).Select(index =>
    {
        var subject = shape == Shape.Overlapping ? Picks("role", "web") : Picks("set", Name(index % BackgroundEndpoints));
        var rule = new Rule { Services = { Tcp(1000 + (index % 60000)) } };
        switch (index % 3)
        {
            case 0:
                rule.Peers.Add(new Peer { Endpoints = Picks("peer", Name(index % PeerGroups)) });
                break;
            case 1:
                rule.Peers.Add(new Peer { IpBlock = new IpBlock { Cidr = string.Create(CultureInfo.InvariantCulture, $"10.{index / 256 % 256}.{index % 256}.0/24") } });
                break;
            default:
                break;
        }

        return Policy($"back-{index}", subject, rule);
    });

    /// <summary>The web on nodes that are not of the lab, an endpoint on each.</summary>
    public static IEnumerable<ApiObject> Hot(IReadOnlyList<string> nodes) =>
    [
        new() { Tenant = new Tenant { Name = Tenant, Metadata = new Metadata(), Spec = new TenantSpec() } },
        .. Segments.Select(name => new ApiObject { Segment = new Segment { Name = $"{Tenant}/segments/{name}", Spec = new SegmentSpec() } }),
        .. nodes.Select((node, index) =>
        {
            var web = Endpoint($"web-{node}", "web", "web", $"10.{100 + (index >> 16)}.{(index >> 8) & 255}.{index & 255}");
            web.Endpoint.Spec.Node = node;
            return web;
        }),
        Probe("probe", 8080),
    ];

    private static ApiObject Web(LabHost workload)
    {
        var endpoint = Endpoint($"web-{workload.Name}", "web", "web", [.. workload.Addresses.Select(address => address.ToString())]);
        (endpoint.Endpoint.Spec.Node, endpoint.Endpoint.Spec.Interface) = (workload.Node, workload.NodeInterface);
        return endpoint;
    }

    private static ApiObject Endpoint(string name, string segment, string role, params string[] addresses) => new()
    {
        Endpoint = new Endpoint
        {
            Name = $"{Tenant}/endpoints/{name}",
            Metadata = new Metadata { Labels = { { "role", role } } },
            Spec = new EndpointSpec { Segment = segment, Addresses = { addresses } },
        },
    };

    private static ApiObject Policy(string name, EndpointSelector subject, Rule rule) => new()
    {
        Policy = new Policy
        {
            Name = PolicyName(name),
            Metadata = new Metadata(),
            Spec = new PolicySpec { Subject = { new PolicySubject { Selector = subject.Selector } }, Directions = { Direction.Ingress }, Ingress = { rule } },
        },
    };

    private static EndpointSelector Picks(string key, string value) => new() { Selector = new LabelSelector { MatchLabels = { { key, value } } } };

    private static Contracts.Api.V1.Service Tcp(int port) => new() { Protocol = "tcp", Ports = { port.ToString(CultureInfo.InvariantCulture) } };

    private static string Name(int index) => string.Create(CultureInfo.InvariantCulture, $"b{index}");
}
