namespace Vallum.Manifests.Kubernetes;

/// <summary>How objects of Kubernetes become ours.</summary>
public sealed record KubernetesOptions
{
    public static readonly KubernetesOptions Default = new();

    /// <summary>The label of a pod whose value is its home segment; a pod without it is in the segment "default".</summary>
    public string SegmentLabel { get; init; } = "vallum.io/segment";

    /// <summary>The annotation of a pod whose value is the host side of its link.</summary>
    public string InterfaceAnnotation { get; init; } = "vallum.io/interface";
}
