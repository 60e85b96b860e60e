using Vallum.Cluster;
using Vallum.Cluster.Status;

namespace Vallum.Silo.Distribution.Owners;

/// <summary>Nodes' owners are grains.</summary>
internal sealed class GrainNodeOwner(IGrainFactory grains) : INodeOwner
{
    public Task<NodeTenants> Tenants(string node, long version, TimeSpan wait, CancellationToken cancellationToken) =>
        grains.GetGrain<INodeGrain>(node).Tenants(version, wait, cancellationToken);

    public Task<bool> Attach(string node, string session, string instance, AgentStatus status, CancellationToken cancellationToken) =>
        grains.GetGrain<INodeGrain>(node).Attach(session, instance, status).WaitAsync(cancellationToken);

    public Task<bool> Report(string node, string session, AgentStatus status, CancellationToken cancellationToken) =>
        grains.GetGrain<INodeGrain>(node).Report(session, status).WaitAsync(cancellationToken);

    public Task Detach(string node, string session) => grains.GetGrain<INodeGrain>(node).Detach(session);
}
