using System.Collections.Immutable;

namespace Vallum.Cluster.Traffic;

/// <param name="After">The answer's <see cref="FlowPage.Next"/> before; null: the newest that are remembered.</param>
/// <param name="Filter">Bytes of the API's FlowFilter.</param>
/// <param name="Limit">At most so many.</param>
[GenerateSerializer, Immutable, Alias("vallum.FlowQuestion")]
public sealed record FlowQuestion(
    [property: Id(0)] long? After,
    [property: Id(1)] byte[] Filter,
    [property: Id(2)] int Limit,
    [property: Id(3)] TimeSpan Wait);

/// <param name="Next">Where to go on.</param>
/// <param name="Flows">Bytes of the API's FlowEvent, oldest first.</param>
/// <param name="Dropped">Events that nodes had no room for, and those that this silo has forgotten before the asker came for them.</param>
[GenerateSerializer, Immutable, Alias("vallum.FlowPage")]
public sealed record FlowPage(
    [property: Id(0)] long Next,
    [property: Id(1)] ImmutableArray<byte[]> Flows,
    [property: Id(2)] ulong Dropped);
