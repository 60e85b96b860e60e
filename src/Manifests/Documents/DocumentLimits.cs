namespace Vallum.Manifests.Documents;

/// <summary>What a file may ask of its reader.</summary>
public static class DocumentLimits
{
    /// <summary>Bytes of one file.</summary>
    public const int FileBytes = 64 * 1024 * 1024;

    /// <summary>Lists and mappings inside each other; Kubernetes objects need about 20.</summary>
    public const int Depth = 64;

    /// <summary>Nodes that the aliases of one document stand for, all together: a few lines of aliases can otherwise mean billions of nodes.</summary>
    public const int AliasedNodes = 100_000;

    /// <summary>Faults that are reported of one file.</summary>
    public const int Faults = 200;
}
