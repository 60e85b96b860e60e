using Vallum.Cluster;
using Vallum.Cluster.Status;

namespace Vallum.Silo.Distribution.Owners;

/// <summary>Nodes' owners are grains.</summary>
internal sealed class GrainNodeOwner(IGrainFactory grains) : INodeOwner
{
    private readonly GrainsOf<INodeGrain> _nodes = new(grains);

    public Task<NodeTenants> Tenants(string node, long version, TimeSpan wait, CancellationToken cancellationToken) =>
        _nodes[node].Tenants(version, wait, cancellationToken);

    public Task<bool> Attach(string node, string session, string instance, AgentStatus status, CancellationToken cancellationToken) =>
        _nodes[node].Attach(session, instance, status).WaitAsync(cancellationToken);

    public Task<bool> Report(string node, string session, AgentStatus status, CancellationToken cancellationToken) =>
        _nodes[node].Report(session, status).WaitAsync(cancellationToken);

    public Task Detach(string node, string session) => _nodes[node].Detach(session);
}
