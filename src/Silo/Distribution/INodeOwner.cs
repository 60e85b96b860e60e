using Vallum.Cluster;
using Vallum.Cluster.Status;

namespace Vallum.Silo.Distribution;

/// <summary>The owners of nodes, as sessions ask them.</summary>
internal interface INodeOwner
{
    /// <summary>The tenants, once their version differs from the caller's, or after the wait.</summary>
    Task<NodeTenants> Tenants(string node, long version, TimeSpan wait, CancellationToken cancellationToken);

    /// <summary>False: another agent instance serves the node.</summary>
    Task<bool> Attach(string node, string session, string instance, AgentStatus status, CancellationToken cancellationToken);

    /// <summary>False: another session has taken over.</summary>
    Task<bool> Report(string node, string session, AgentStatus status, CancellationToken cancellationToken);

    Task Detach(string node, string session);
}
