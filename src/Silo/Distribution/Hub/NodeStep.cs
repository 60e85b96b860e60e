using System.Collections.Immutable;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>What takes an agent from what it holds to what its node should hold now.</summary>
internal sealed record NodeStep(ImmutableArray<NodeStep.Send> Sends, ImmutableArray<ResourceId> Removed)
{
    public bool IsEmpty => Sends.IsEmpty && Removed.IsEmpty;

    /// <summary>Of the resources to send.</summary>
    public long Bytes { get; } = Sends.Sum(s => (long)s.Resource.Bytes);

    internal readonly record struct Send(ResourceId Id, EncodedResource Resource);
}
