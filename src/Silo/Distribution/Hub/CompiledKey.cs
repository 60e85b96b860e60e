using Vallum.Cluster.Compiled;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>A compiled resource among those of one tenant.</summary>
internal readonly record struct CompiledKey(CompiledKind Kind, string Name)
{
    public static CompiledKey Part(string id) => new(CompiledKind.GroupPart, id);
}
