using System.Collections.Immutable;
using Vallum.Cluster.Traffic;

namespace Vallum.Cluster.Status;

/// <summary>How far the nodes that a tenant's objects concern have come.</summary>
/// <param name="Revision">The tenant's committed revision.</param>
/// <param name="Version">Changes whenever anything here does; see <see cref="ITenantGrain.AwaitProgress"/>.</param>
/// <param name="DirectoryRevision">Of the cluster's own objects: from it on the directory has the tenant's labels as they are, and selectors over tenants follow it; 0: not known.</param>
/// <param name="Nodes">One per node that has an endpoint of the tenant, or that holds members of the tenant in a group of another's policy.</param>
[GenerateSerializer, Immutable, Alias("vallum.TenantStatus")]
public sealed record TenantStatus(
    [property: Id(0)] long Revision,
    [property: Id(1)] int Segments,
    [property: Id(2)] int Endpoints,
    [property: Id(3)] int Policies,
    [property: Id(4)] ImmutableArray<NodeProgress> Nodes,
    [property: Id(5)] long Version,
    [property: Id(6)] long DirectoryRevision)
{
    /// <summary>Of the cluster's own objects, up to which the tenant knows what concerns it.</summary>
    [Id(7)]
    public long ClusterRevision { get; init; }

    /// <summary>The last of those that changed something for the tenant, or a later one: operator's policies, and what the rules in force name.</summary>
    [Id(8)]
    public long ClusterConcern { get; init; }
}

/// <param name="Applied">The last revision of the tenant that is in the node's kernel; 0: none.</param>
/// <param name="Error">The last failure to apply, in the command's own words; empty when the last apply succeeded.</param>
/// <param name="AppliedCluster">The last revision of the cluster's own objects of which all that concerns the tenant's endpoints is in the node's kernel; 0: none.</param>
[GenerateSerializer, Immutable, Alias("vallum.NodeProgress")]
public sealed record NodeProgress(
    [property: Id(0)] string Node,
    [property: Id(1)] bool Connected,
    [property: Id(2)] long Applied,
    [property: Id(3)] string Error,
    [property: Id(4)] long AppliedCluster);

/// <param name="Revision">The tenant's revision from which on the policy is as it is.</param>
/// <param name="Span">Nodes with an endpoint that the policy selects.</param>
/// <param name="RealizedIn">From the commit of <see cref="Revision"/> to the last kernel of the span; null until then, or when not known (a restart).</param>
[GenerateSerializer, Immutable, Alias("vallum.PolicyProgress")]
public sealed record PolicyProgress(
    [property: Id(0)] long Revision,
    [property: Id(1)] ImmutableArray<NodeProgress> Span,
    [property: Id(2)] TimeSpan? RealizedIn)
{
    /// <summary>Of an operator's policy: when the last kernel of the tenant's share of the span had the operator's last change of it; null: nothing changed here with it.</summary>
    [Id(3)]
    public DateTimeOffset? RealizedAt { get; init; }

    /// <summary>Of an operator's policy: the revision of the cluster's own objects with which the tenant started; what was before it has no time.</summary>
    [Id(4)]
    public long TimedAfter { get; init; }
}

/// <summary>What is known of a node's agent.</summary>
/// <param name="KnowsHostPolicies">It enforces policies about its node.</param>
/// <param name="HostRevision">Of the cluster's own objects: up to it all policies about the node are in its kernel; 0: none are known to be.</param>
[GenerateSerializer, Immutable, Alias("vallum.AgentStatus")]
public sealed record AgentStatus(
    [property: Id(0)] bool Connected,
    [property: Id(1)] string AgentVersion,
    [property: Id(2)] string Backend,
    [property: Id(3)] string Silo,
    [property: Id(4)] DateTimeOffset? ConnectedSince,
    [property: Id(5)] bool InSync,
    [property: Id(6)] string LastError,
    [property: Id(7)] DateTimeOffset? LastAckTime,
    [property: Id(8)] TimeSpan? LastApplyDuration,
    [property: Id(9)] ulong DriftRepairs,
    [property: Id(10)] uint Chains,
    [property: Id(11)] uint Sets,
    [property: Id(12)] ulong Members,
    [property: Id(13)] int Endpoints,
    [property: Id(14)] bool KnowsHostPolicies = false,
    [property: Id(15)] long HostRevision = 0)
{
    /// <summary>What an operator must know of the node though everything is applied, in the agent's words.</summary>
    [Id(16)]
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>What somebody else changed, the newest last; at most 20.</summary>
    [Id(17)]
    public ImmutableArray<DriftFound> Drift { get; init; } = [];

    /// <summary>Denied since the node's counting began.</summary>
    [Id(18)]
    public ulong DeniedPackets { get; init; }

    [Id(19)]
    public ulong DeniedBytes { get; init; }

    /// <summary>Of the agent, as its Hello says it: an owner that has forgotten who is connected learns it from the next report.</summary>
    [Id(20)]
    public string Instance { get; init; } = "";
}
