using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Workloads;

public enum ChangeKind
{
    EndpointComes,
    EndpointGoes,
    EndpointRelabelled,
    PolicyChanged,
    TenantRelabelled,

    /// <summary>All endpoints of one segment go, in one change.</summary>
    SegmentDrained,

    /// <summary>The tenant goes with everything in it.</summary>
    TenantDeleted,

    /// <summary>A tenant that was deleted is there again, with everything that it had at the beginning.</summary>
    TenantComes,
}

/// <summary>One thing that happens, all of it in one tenant.</summary>
/// <param name="At">Since the beginning.</param>
/// <param name="Edits">In an order in which each is allowed: what names goes before what is named.</param>
public sealed record Change(TimeSpan At, ChangeKind Kind, TenantName Tenant, ImmutableArray<ClusterChange> Edits);
