using Vallum.NodeAgent.Held;

namespace Vallum.NodeAgent.Decoding;

/// <summary>A resource breaks the contract of the stream: it says nothing that could be enforced or refused with sense.</summary>
internal sealed class MalformedResourceException(ResourceName resource, string what) : Exception($"{resource}: {what}")
{
    public ResourceName Resource { get; } = resource;
}
