namespace Vallum.Silo.Distribution.Hub;

/// <summary>What a session goes by, at one moment.</summary>
/// <param name="IsReady">All that the node should hold is known.</param>
/// <param name="HostRevision">Up to which policies about the node are in its kernel.</param>
/// <param name="Endpoints">On the node.</param>
internal readonly record struct NodeView(bool IsReady, bool HasChanges, long HostRevision, int Endpoints);
