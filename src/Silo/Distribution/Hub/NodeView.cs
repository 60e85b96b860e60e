namespace Vallum.Silo.Distribution.Hub;

/// <summary>What a session goes by, at one moment.</summary>
/// <param name="IsReady">All that the node should hold is known.</param>
/// <param name="HasChanges">There is more to send than <paramref name="Step"/>.</param>
/// <param name="Step">It is the session's turn, and this is to be sent; null: it is not.</param>
/// <param name="HostRevision">Up to which policies about the node are in its kernel.</param>
/// <param name="Endpoints">On the node.</param>
internal readonly record struct NodeView(bool IsReady, bool HasChanges, NodeStep? Step, long HostRevision, int Endpoints);
