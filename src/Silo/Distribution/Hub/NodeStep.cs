using System.Collections.Immutable;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>What takes an agent from what it holds to what its node should hold now.</summary>
/// <param name="Endpoints">On the node.</param>
/// <param name="IsAll">All that the node should hold is known, and there are no policies about it: with the ack of this it is in sync, whatever else happens.</param>
internal sealed record NodeStep(ImmutableArray<NodeStep.Send> Sends, ImmutableArray<ResourceId> Removed, int Endpoints, bool IsAll)
{
    public bool IsEmpty => Sends.IsEmpty && Removed.IsEmpty;

    /// <summary>Of the resources to send.</summary>
    public long Bytes { get; } = Sends.Sum(s => (long)s.Resource.Bytes);

    internal readonly record struct Send(ResourceId Id, EncodedResource Resource);
}
