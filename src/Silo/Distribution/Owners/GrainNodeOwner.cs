using Vallum.Cluster;
using Vallum.Cluster.Status;

namespace Vallum.Silo.Distribution.Owners;

/// <summary>Nodes' owners are grains.</summary>
internal sealed class GrainNodeOwner(IGrainFactory grains) : INodeOwner
{
    // Finding a grain by its interface reads attributes every time, and thousands of sessions report every second.
    private readonly Lazy<(GrainType Type, GrainInterfaceType Interface)> _nodes = new(() =>
    {
        var any = (GrainReference)grains.GetGrain<INodeGrain>("any");
        return (any.GrainId.Type, any.InterfaceType);
    });

    public Task<NodeTenants> Tenants(string node, long version, TimeSpan wait, CancellationToken cancellationToken) =>
        GrainOf(node).Tenants(version, wait, cancellationToken);

    public Task<bool> Attach(string node, string session, string instance, AgentStatus status, CancellationToken cancellationToken) =>
        GrainOf(node).Attach(session, instance, status).WaitAsync(cancellationToken);

    public Task<bool> Report(string node, string session, AgentStatus status, CancellationToken cancellationToken) =>
        GrainOf(node).Report(session, status).WaitAsync(cancellationToken);

    public Task Detach(string node, string session) => GrainOf(node).Detach(session);

    private INodeGrain GrainOf(string node) => (INodeGrain)grains.GetGrain(GrainId.Create(_nodes.Value.Type, node), _nodes.Value.Interface);
}
