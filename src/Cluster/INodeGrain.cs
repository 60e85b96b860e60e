using System.Collections.Immutable;
using Orleans.Concurrency;
using Vallum.Cluster.Status;

namespace Vallum.Cluster;

/// <summary>Key: the node's name. Knows durably which tenants may have endpoints on the node (a superset), and, in memory, which session serves it.</summary>
[Alias("vallum.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>Durable before the answer; told before a tenant commits its first endpoint on the node.</summary>
    [Alias("EnsureTenant")]
    Task EnsureTenant(string tenant);

    /// <summary>The tenants, once their version differs from the caller's, or after the wait.</summary>
    [AlwaysInterleave, Alias("Tenants")]
    Task<NodeTenants> Tenants(long version, TimeSpan wait, CancellationToken cancellationToken = default);

    /// <summary>
    /// One session serves a node. False when another agent instance's session is alive; a new session of the same instance takes over, and the old one ends
    /// at its next <see cref="Report"/>.
    /// </summary>
    [Alias("Attach")]
    Task<bool> Attach(string session, string instance, AgentStatus status);

    /// <summary>Sent at every change and every 5 s while the session lives; three missed ones end its claim. False: another session has taken over.</summary>
    [Alias("Report")]
    Task<bool> Report(string session, AgentStatus status);

    [Alias("Detach")]
    Task Detach(string session);

    [AlwaysInterleave, Alias("Status")]
    Task<AgentStatus> Status();
}

[GenerateSerializer, Immutable, Alias("vallum.NodeTenants")]
public sealed record NodeTenants([property: Id(0)] long Version, [property: Id(1)] ImmutableArray<string> Tenants);
