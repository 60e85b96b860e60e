using Vallum.Primitives;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>The update that the agent has not acknowledged.</summary>
/// <param name="Undo">What the agent held before it, of the resources in it; not held is <c>WasHeld</c> false.</param>
/// <param name="SentAt">Timestamp.</param>
internal sealed record Flight(ulong Nonce, IReadOnlyList<(ResourceId Id, bool WasHeld, Digest? Digest)> Undo, long SentAt)
{
    /// <summary>The agent holds it but its kernel refuses: it tries by itself, and a newer update may be sent.</summary>
    public bool IsRefused { get; init; }

    /// <inheritdoc cref="Hub.NodeStep" path="/param[@name='IsAll']"/>
    public bool IsAll { get; init; }

    /// <summary>On the node, with the update.</summary>
    public int Endpoints { get; init; }
}
