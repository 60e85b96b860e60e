using Vallum.Manifests.Parsing;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Kubernetes;

internal static class NodeReader
{
    public static Api.Node Read(KubernetesFields fields, KubernetesMetadata metadata)
    {
        var spec = new Api.NodeSpec();
        var path = FieldPath.Root.Field("status");
        if (fields.Mapping(fields.Root, "status", FieldPath.Root) is { } status)
        {
            var own = fields.Mappings(status, "addresses", path)
                .Where(a => a.Node.Text("type") is "InternalIP" or "ExternalIP")
                .Select(a => fields.Text(a.Node, "address", a.Path))
                .OfType<string>()
                .Distinct();
            spec.Addresses.AddRange(own);
        }

        return new Api.Node { Name = $"nodes/{metadata.Name}", Metadata = KubernetesFields.Labels(metadata.Labels), Spec = spec };
    }
}
