namespace Vallum.Silo.Grains;

/// <summary>Names of grain storage providers.</summary>
internal static class GrainStorageName
{
    /// <summary>What orchestrators said, and what is needed to keep it consistent.</summary>
    public const string Objects = "objects";
}
