namespace Vallum.Manifests.Kubernetes;

/// <summary>Which kinds of Kubernetes mean something here, which do not, and which we do not know.</summary>
internal static class KubernetesKinds
{
    public const string PolicyGroup = "policy.networking.k8s.io/";

    private static readonly string[] OwnGroups = ["apps", "batch", "autoscaling", "policy", "extensions", "events"];

    public enum Meaning
    {
        Read,
        NothingHere,
        Unknown,
    }

    public static Meaning Of(string apiVersion, string kind) => (apiVersion, kind) switch
    {
        ("v1", "Namespace" or "Pod" or "Node") => Meaning.Read,
        ("networking.k8s.io/v1", "NetworkPolicy") => Meaning.Read,
        (PolicyGroup + "v1alpha2", "ClusterNetworkPolicy") => Meaning.Read,
        (PolicyGroup + "v1alpha1", "AdminNetworkPolicy" or "BaselineAdminNetworkPolicy") => Meaning.Read,

        // Some other version of a network policy says who may talk to whom: to skip it would be to open what it closes.
        _ when kind.Contains("NetworkPolicy", StringComparison.Ordinal) => Meaning.Unknown,
        _ when IsOfKubernetes(apiVersion) => Meaning.NothingHere,
        _ => Meaning.Unknown,
    };

    private static bool IsOfKubernetes(string apiVersion)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? apiVersion == "v1"
            : apiVersion[..slash].EndsWith(".k8s.io", StringComparison.Ordinal) || OwnGroups.Contains(apiVersion[..slash]);
    }
}
