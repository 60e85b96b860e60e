using Vallum.Cluster.Objects;

namespace Vallum.Silo.Grains.Objects;

internal static class ApplyBatches
{
    /// <summary>A batch that changes nothing: it is answered in its turn, after all that was asked before it.</summary>
    public static ApplyBatch Empty(string actor) => new([], "", actor, false, 0, []);
}
