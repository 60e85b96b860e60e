using Google.Protobuf;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;

namespace Vallum.Api.Tests.Calls;

/// <summary>Objects in few words.</summary>
internal static class Given
{
    public static readonly TheoryData<string> Kinds = ["Tenant", "Segment", "Endpoint", "Node", "NetworkSet", "Policy"];

    public static ApplyRequest Apply(params IMessage[] objects) => new() { Objects = { objects.Select(ApiObjects.Wrap) } };

    public static ApplyRequest Deletes(params string[] names) => new() { Deletes = { names } };

    public static Tenant Tenant(string name, Posture ingress = Posture.Unspecified) =>
        new() { Name = $"tenants/{name}", Spec = new TenantSpec { DefaultIngress = ingress } };

    public static Segment Segment(string tenant, string name) => new() { Name = $"tenants/{tenant}/segments/{name}", Spec = new SegmentSpec() };

    public static Endpoint Endpoint(string tenant, string name, string node = "", string segment = "web", string? address = null, params (string Key, string Value)[] labels) =>
        new()
        {
            Name = $"tenants/{tenant}/endpoints/{name}",
            Metadata = Labelled(labels),
            Spec = new EndpointSpec { Segment = segment, Node = node, Addresses = { address ?? SharedSilo.NewAddress() } },
        };

    public static Node Node(string name, params string[] addresses) => new() { Name = $"nodes/{name}", Spec = new NodeSpec { Addresses = { addresses } } };

    public static NetworkSet NetworkSet(string name, params string[] cidrs) =>
        new() { Name = $"networkSets/{name}", Spec = new NetworkSetSpec { Cidrs = { cidrs } } };

    /// <summary>Lets in what the peers say, to the endpoints of a segment, on one TCP port.</summary>
    public static Policy Policy(string tenant, string name, string segment, string port, params Peer[] peers) => new()
    {
        Name = $"tenants/{tenant}/policies/{name}",
        Spec = new PolicySpec
        {
            Subject = { new PolicySubject { Segments = { segment } } },
            Directions = { Direction.Ingress },
            Ingress = { new Rule { Peers = { peers }, Services = { new Service { Protocol = "tcp", Ports = { port } } } } },
        },
    };

    /// <summary>The operator's: nothing comes in to endpoints with the label.</summary>
    public static Policy DenyAll(string name, (string Key, string Value) label) => new()
    {
        Name = $"policies/{name}",
        Spec = new PolicySpec
        {
            Tier = Tier.Admin,
            Priority = 10,
            Subject = { new PolicySubject { Tenants = new TenantSelector { Selector = new LabelSelector() }, Selector = Labels(label) } },
            Directions = { Direction.Ingress },
            Ingress = { new Rule { Action = RuleAction.Deny, Peers = { new Peer { Any = new AnyPeer() } } } },
        },
    };

    public static Peer From(string segment) => new() { Endpoints = new EndpointSelector { Segments = { segment } } };

    public static Peer FromSet(string networkSet) => new() { NetworkSet = networkSet };

    public static LabelSelector Labels((string Key, string Value) label) => new() { MatchLabels = { [label.Key] = label.Value } };

    public static Metadata Labelled(params (string Key, string Value)[] labels) =>
        new() { Labels = { labels.ToDictionary(label => label.Key, label => label.Value) } };

    /// <summary>A tenant with the segments "web" and "db", and an endpoint of each, "w" and "d", on the node.</summary>
    public static IMessage[] Shop(string tenant, string node = "") =>
    [
        Tenant(tenant),
        Segment(tenant, "web"),
        Segment(tenant, "db"),
        Endpoint(tenant, "w", node, "web", null, ("app", "web")),
        Endpoint(tenant, "d", node, "db", null, ("app", "db")),
    ];

    /// <summary>An object of the kind that nobody else names; what a tenant owns is in a tenant of its own, which is made first.</summary>
    public static async Task<IMessage> SampleAsync(Api api, string kind)
    {
        var name = SharedSilo.NewName();
        if (kind is "Segment" or "Endpoint" or "Policy")
        {
            await api.ApplyAsync(Shop(name));
        }

        return kind switch
        {
            "Tenant" => Tenant(name),
            "Segment" => Segment(name, "more"),
            "Endpoint" => Endpoint(name, "more"),
            "Node" => Node(name),
            "NetworkSet" => NetworkSet(name, "192.0.2.0/24"),
            _ => Policy(name, "more", "web", "80", From("db")),
        };
    }

    /// <summary>The same object with other labels.</summary>
    public static T Changed<T>(T value, string label)
        where T : IMessage
    {
        var changed = (T)value.Descriptor.Parser.ParseFrom(value.ToByteString());
        var field = changed.Descriptor.FindFieldByName("metadata").Accessor;
        var metadata = (Metadata?)field.GetValue(changed) ?? new Metadata();
        metadata.Labels["changed"] = label;
        metadata.Etag = "";
        field.SetValue(changed, metadata);
        return changed;
    }
}
