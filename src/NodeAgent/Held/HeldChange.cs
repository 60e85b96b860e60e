using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Held;

/// <summary>
/// What an update does to one resource, checked against what is held: entries that come were not there, entries that go were.
/// <paramref name="Digest"/> null: the resource goes, and with it everything else here is empty.
/// </summary>
internal sealed record ResourceChange(
    ResourceName Name, ByteString? Head, ImmutableArray<ByteString> Added, ImmutableArray<ByteString> Removed, Digest? Digest)
{
    public bool IsRemoval => Digest is null;
}

/// <summary>A checked update: it fits what is held, and <paramref name="Total"/> will be the digest over everything.</summary>
internal sealed record HeldChange(ImmutableArray<ResourceChange> Resources, Digest Total);

/// <summary>The update does not fit what is held. Nothing was changed.</summary>
internal sealed class BaseMismatchException(string message, params IEnumerable<ResourceName> resources) : Exception(message)
{
    public ImmutableArray<ResourceName> Resources { get; } = [.. resources];
}
