using Google.Protobuf;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Writing;

namespace Vallum.Cluster.Tests.Hosts;

/// <summary>Changes and batches in few words.</summary>
internal static class Make
{
    public static ApplyBatch Batch(params ObjectChange[] changes) => new([.. changes], "", "test", false, 0, []);

    public static ApplyBatch Request(string id, params ObjectChange[] changes) => Batch(changes) with { RequestId = id };

    public static ApplyBatch Dry(params ObjectChange[] changes) => Batch(changes) with { ValidateOnly = true };

    public static ObjectChange Tenant(string name, params (string Key, string Value)[] labels)
    {
        var message = new Tenant { Name = $"tenants/{name}" };
        message.Metadata = Labelled(labels);
        return Put(ObjectKind.Tenant, name, message);
    }

    public static ObjectChange Segment(string tenant, string name, LabelSelector? selector = null) =>
        Put(ObjectKind.Segment, name, new Segment { Name = $"tenants/{tenant}/segments/{name}", Spec = new SegmentSpec { Selector = selector } });

    public static ObjectChange Endpoint(string tenant, string name, string segment, string node, string address, params (string Key, string Value)[] labels)
    {
        var message = new Endpoint
        {
            Name = $"tenants/{tenant}/endpoints/{name}",
            Spec = new EndpointSpec { Segment = segment, Node = node, Addresses = { address } },
            Metadata = Labelled(labels),
        };
        return Put(ObjectKind.Endpoint, name, message);
    }

    /// <summary>Lets endpoints with one label in, to those with another.</summary>
    public static ObjectChange Policy(string tenant, string name, (string Key, string Value) subject, (string Key, string Value) peer) =>
        Put(ObjectKind.Policy, name, new Policy
        {
            Name = $"tenants/{tenant}/policies/{name}",
            Spec = new PolicySpec
            {
                Subject = { new PolicySubject { Selector = Selector(subject) } },
                Directions = { Direction.Ingress },
                Ingress = { new Rule { Peers = { new Peer { Endpoints = new EndpointSelector { Selector = Selector(peer) } } } } },
            },
        });

    public static ObjectChange SetPolicy(string tenant, string name, string networkSet) =>
        Put(ObjectKind.Policy, name, new Policy
        {
            Name = $"tenants/{tenant}/policies/{name}",
            Spec = new PolicySpec
            {
                Subject = { new PolicySubject { Selector = new LabelSelector() } },
                Directions = { Direction.Ingress },
                Ingress = { new Rule { Peers = { new Peer { NetworkSet = networkSet } } } },
            },
        });

    /// <summary>The operator's: denies all that comes in, to every endpoint of every tenant.</summary>
    public static ObjectChange DenyAll(string name) =>
        Put(ObjectKind.Policy, name, new Policy
        {
            Name = $"policies/{name}",
            Spec = new PolicySpec
            {
                Tier = Tier.Admin,
                Priority = 10,
                Subject = { new PolicySubject { Tenants = new TenantSelector { Selector = new LabelSelector() }, Selector = new LabelSelector() } },
                Directions = { Direction.Ingress },
                Ingress = { new Rule { Action = RuleAction.Deny, Peers = { new Peer { Any = new AnyPeer() } } } },
            },
        });

    public static ObjectChange NetworkSet(string name, params string[] cidrs) =>
        Put(ObjectKind.NetworkSet, name, new NetworkSet { Name = $"networkSets/{name}", Spec = new NetworkSetSpec { Cidrs = { cidrs } } });

    public static ObjectChange Node(string name, string address) =>
        Put(ObjectKind.Node, name, new Node { Name = $"nodes/{name}", Spec = new NodeSpec { Addresses = { address } } });

    public static ObjectChange Delete(ObjectKind kind, string name) => new(ChangeMode.Delete, kind, name, [], "");

    public static LabelSelector Selector((string Key, string Value) label) => new() { MatchLabels = { [label.Key] = label.Value } };

    /// <summary>A tenant with a segment "web" and so many endpoints "e0", "e1" … on the nodes "n0", "n1" … by turns.</summary>
    public static ObjectChange[] Shop(string tenant, int endpoints, int nodes = 2) =>
    [
        Tenant(tenant),
        Segment(tenant, "web"),
        .. Enumerable.Range(0, endpoints).Select(i => Endpoint(tenant, $"e{i}", "web", $"n{i % nodes}", SharedSilo.NewAddress(), ("app", i % 2 == 0 ? "web" : "db"))),
    ];

    private static ObjectChange Put(ObjectKind kind, string name, IMessage message) =>
        new(ChangeMode.Put, kind, name, [.. ObjectContent.Normalize(message)], "");

    private static Metadata Labelled((string Key, string Value)[] labels) => new() { Labels = { labels.ToDictionary(label => label.Key, label => label.Value) } };
}
