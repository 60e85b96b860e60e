using System.Collections.Immutable;

namespace Vallum.Cluster.Objects;

/// <summary>
/// A stored object. <see cref="Content"/> is the API's message (vallum.api.v1) of the kind, without what the server adds: it is parsed where it is used,
/// by the same code that judged it at the border, so that the wire between silos and the storage have the API's compatibility rules.
/// </summary>
/// <param name="Name">Unique among its kind in its scope: the last part of the API's name.</param>
/// <param name="Uid">Given at creation, never again to another object.</param>
/// <param name="Generation">1 at creation, +1 with every change.</param>
/// <param name="Revision">The scope's revision that last changed it; as text the object's etag.</param>
[GenerateSerializer, Immutable, Alias("vallum.ObjectDocument")]
public sealed record ObjectDocument(
    [property: Id(0)] ObjectKind Kind,
    [property: Id(1)] string Name,
    [property: Id(2)] ImmutableArray<byte> Content,
    [property: Id(3)] string Uid,
    [property: Id(4)] long Generation,
    [property: Id(5)] long Revision,
    [property: Id(6)] DateTimeOffset CreateTime,
    [property: Id(7)] DateTimeOffset UpdateTime);
