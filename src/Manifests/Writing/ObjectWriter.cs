using Vallum.Policies.Model;
using Vallum.Primitives;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Writing;

/// <summary>
/// A value of the domain becomes a message of the API; parsing that gives the value back. The domain knows only what decides flows: descriptions,
/// external ids, and the labels of segments, network sets and policies are not in it.
/// </summary>
public static class ObjectWriter
{
    public static Api.Tenant Write(Tenant tenant) => new()
    {
        Name = $"tenants/{tenant.Name}",
        Metadata = Labels(tenant.Labels),
        Spec = new() { DefaultIngress = Write(tenant.DefaultIngress), DefaultEgress = Write(tenant.DefaultEgress) },
    };

    public static Api.Segment Write(Segment segment) => new()
    {
        Name = $"tenants/{segment.Tenant}/segments/{segment.Name}",
        Spec = segment.Picks is { } selector ? new() { Selector = SelectorWriter.Labels(selector) } : null,
    };

    public static Api.Endpoint Write(Endpoint endpoint)
    {
        var spec = new Api.EndpointSpec
        {
            Segment = endpoint.Segment.Value,
            Node = endpoint.Node?.Value ?? "",
            Interface = endpoint.Interface ?? "",
            HostNetwork = endpoint.HostNetwork,
        };
        spec.Addresses.AddRange(endpoint.Addresses.Select(a => a.ToString()));
        spec.Ports.AddRange(endpoint.NamedPorts.Select(p => new Api.NamedPort { Name = p.Name, Protocol = IpProtocol.Name(p.Protocol), Port = p.Port }));
        return new Api.Endpoint
        {
            Name = $"tenants/{endpoint.Id.Tenant}/endpoints/{endpoint.Id.Name}",
            Metadata = Labels(endpoint.Labels),
            Spec = spec,
        };
    }

    public static Api.Node Write(Node node)
    {
        var spec = new Api.NodeSpec();
        spec.Addresses.AddRange(node.Addresses.Select(a => a.ToString()));
        return new Api.Node { Name = $"nodes/{node.Name}", Metadata = Labels(node.Labels), Spec = spec };
    }

    public static Api.NetworkSet Write(NetworkSet set)
    {
        var spec = new Api.NetworkSetSpec();
        spec.Cidrs.AddRange(set.Cidrs.Select(c => c.ToString()));
        return new Api.NetworkSet { Name = $"networkSets/{set.Name}", Spec = spec };
    }

    public static Api.Policy Write(Policy policy) => PolicyWriter.Write(policy);

    private static Api.Posture Write(Posture posture) => posture == Posture.Deny ? Api.Posture.Deny : Api.Posture.Allow;

    private static Api.Metadata? Labels(LabelSet labels)
    {
        if (labels.Count == 0)
        {
            return null;
        }

        var metadata = new Api.Metadata();
        foreach (var (key, value) in labels)
        {
            metadata.Labels.Add(key, value);
        }

        return metadata;
    }
}
