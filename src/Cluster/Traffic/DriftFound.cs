namespace Vallum.Cluster.Traffic;

/// <param name="Words">What differed from what the agent had written.</param>
/// <param name="Repaired">It was put back. False: the kernel refused, and the agent goes on trying.</param>
[GenerateSerializer, Immutable, Alias("vallum.DriftFound")]
public sealed record DriftFound([property: Id(0)] DateTimeOffset Time, [property: Id(1)] string Words, [property: Id(2)] bool Repaired);
