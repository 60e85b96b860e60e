using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Kubernetes;

internal static class NamespaceReader
{
    /// <summary>The label that the API server itself keeps on every namespace.</summary>
    private const string NameLabel = "kubernetes.io/metadata.name";

    public static Api.Tenant Read(KubernetesMetadata metadata) => new()
    {
        Name = $"tenants/{metadata.Name}",
        Metadata = KubernetesFields.Labels(metadata.Labels.Append(KeyValuePair.Create(NameLabel, metadata.Name))),
    };
}
