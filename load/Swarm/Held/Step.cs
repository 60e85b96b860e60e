using System.Collections.Immutable;
using Google.Protobuf;

namespace Vallum.Swarm.Held;

/// <summary>What one resource of an update makes of what is held: the same for every agent that gets these bytes.</summary>
/// <param name="Before">What it fits; null: whatever is held (the resource comes whole).</param>
/// <param name="After">Null: it does not fit, or its digest is another than promised.</param>
/// <param name="Added">Entries that the message names; of a whole all.</param>
public sealed record Step(ResourceKey Key, SharedResource? Before, SharedResource? After, ImmutableArray<ByteString> Added, ImmutableArray<ByteString> Removed);
