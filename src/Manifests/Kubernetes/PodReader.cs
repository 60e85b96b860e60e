using Vallum.Manifests.Documents;
using Vallum.Manifests.Parsing;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Kubernetes;

internal static class PodReader
{
    /// <summary>A pod that will never send again; its address may be another's by now.</summary>
    public static bool IsFinished(DocumentNode.Mapping root) =>
        (root["status"] as DocumentNode.Mapping)?.Text("phase") is "Succeeded" or "Failed";

    public static Api.Endpoint Read(KubernetesFields fields, KubernetesMetadata metadata, KubernetesOptions options)
    {
        var spec = new Api.EndpointSpec
        {
            Segment = metadata.Labels.TryGetValue(options.SegmentLabel, out var segment) && segment.Length > 0 ? segment : EndpointParser.DefaultSegment,
            Interface = metadata.Annotations.GetValueOrDefault(options.InterfaceAnnotation, ""),
        };
        if (fields.Mapping(fields.Root, "spec", FieldPath.Root) is { } pod)
        {
            var path = FieldPath.Root.Field("spec");
            spec.Node = fields.Text(pod, "nodeName", path) ?? "";
            spec.HostNetwork = IsTrue(pod["hostNetwork"]);
            spec.Ports.AddRange(Ports(fields, pod, path).DistinctBy(p => (p.Name, p.Protocol)));
        }

        if (fields.Mapping(fields.Root, "status", FieldPath.Root) is { } status)
        {
            spec.Addresses.AddRange(Addresses(fields, status).Distinct());
        }

        return new Api.Endpoint
        {
            Name = $"tenants/{metadata.Namespace}/endpoints/{metadata.Name}",
            Metadata = KubernetesFields.Labels(metadata.Labels),
            Spec = spec,
        };
    }

    private static bool IsTrue(DocumentNode? node) =>
        node is DocumentNode.Scalar { Kind: DocumentNode.ScalarKind.Boolean } scalar && scalar.Text.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static List<string> Addresses(KubernetesFields fields, DocumentNode.Mapping status)
    {
        var path = FieldPath.Root.Field("status");
        var addresses = fields.Mappings(status, "podIPs", path).Select(a => fields.Text(a.Node, "ip", a.Path)).OfType<string>().Where(a => a.Length > 0).ToList();
        return addresses.Count == 0 && fields.Text(status, "podIP", path) is { Length: > 0 } single ? [single] : addresses;
    }

    /// <summary>The named ports of all containers that run beside each other: sidecars are init containers that are always restarted (KEP-753).</summary>
    private static IEnumerable<Api.NamedPort> Ports(KubernetesFields fields, DocumentNode.Mapping pod, FieldPath path)
    {
        var sidecars = fields.Mappings(pod, "initContainers", path).Where(c => c.Node.Text("restartPolicy") == "Always");
        foreach (var (container, containerPath) in fields.Mappings(pod, "containers", path).Concat(sidecars))
        {
            foreach (var (port, at) in fields.Mappings(container, "ports", containerPath))
            {
                if (fields.Text(port, "name", at) is not { Length: > 0 } name)
                {
                    continue;
                }

                fields.PortName(name, at.Field("name"));
                yield return new Api.NamedPort
                {
                    Name = name,
                    Protocol = (fields.Text(port, "protocol", at) ?? "TCP").ToLowerInvariant(),
                    Port = fields.Port(port, "containerPort", at) ?? 0,
                };
            }
        }
    }
}
