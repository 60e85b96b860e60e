using System.Collections.Immutable;

namespace Vallum.Cluster.Objects;

/// <summary>Changes to one scope (a tenant, or the cluster's own objects) that are committed together or not at all.</summary>
/// <param name="RequestId">A retry with the same id is answered as the first try was. Empty: none.</param>
/// <param name="Actor">Who asked, for the audit record.</param>
/// <param name="ClusterRevision">Judged with the cluster's own objects at this revision or later; 0: as they are known here.</param>
/// <param name="AssumedNetworkSets">With <see cref="ValidateOnly"/>: network sets that the same Apply creates elsewhere.</param>
[GenerateSerializer, Immutable, Alias("vallum.ApplyBatch")]
public sealed record ApplyBatch(
    [property: Id(0)] ImmutableArray<ObjectChange> Changes,
    [property: Id(1)] string RequestId,
    [property: Id(2)] string Actor,
    [property: Id(3)] bool ValidateOnly,
    [property: Id(4)] long ClusterRevision,
    [property: Id(5)] ImmutableArray<string> AssumedNetworkSets);

public enum ChangeMode
{
    /// <summary>Created or replaced.</summary>
    Put = 0,

    /// <summary>Refused when it exists.</summary>
    Create = 1,

    /// <summary>Refused when it does not exist.</summary>
    Update = 2,

    /// <summary>Refused when it does not exist.</summary>
    Delete = 3,

    /// <summary>Unchanged when it does not exist.</summary>
    DeleteIfThere = 4,

    /// <summary>Of a tenant, with all that it owns; unchanged when it does not exist.</summary>
    DeleteAll = 5,
}

/// <param name="Content">As in <see cref="ObjectDocument"/>; empty for deletes.</param>
/// <param name="Etag">Empty: not compared.</param>
[GenerateSerializer, Immutable, Alias("vallum.ObjectChange")]
public sealed record ObjectChange(
    [property: Id(0)] ChangeMode Mode,
    [property: Id(1)] ObjectKind Kind,
    [property: Id(2)] string Name,
    [property: Id(3)] ImmutableArray<byte> Content,
    [property: Id(4)] string Etag);

/// <summary>Either <see cref="Fault"/> is null and <see cref="Outcomes"/> has one element per change, or nothing was changed.</summary>
/// <param name="Revision">The scope's revision after the batch; unchanged when nothing changed.</param>
[GenerateSerializer, Immutable, Alias("vallum.ApplyReply")]
public sealed record ApplyReply(
    [property: Id(0)] long Revision,
    [property: Id(1)] ImmutableArray<ChangeOutcome> Outcomes,
    [property: Id(2)] Fault? Fault);

public enum ChangeType
{
    Created = 1,
    Updated = 2,
    Unchanged = 3,
    Deleted = 4,
}

/// <param name="Before">Null when there was none.</param>
/// <param name="After">Null when there is none.</param>
[GenerateSerializer, Immutable, Alias("vallum.ChangeOutcome")]
public sealed record ChangeOutcome(
    [property: Id(0)] ChangeType Type,
    [property: Id(1)] ObjectDocument? Before,
    [property: Id(2)] ObjectDocument? After);

public enum FaultKind
{
    /// <summary>The batch says something that cannot be; see the violations.</summary>
    Invalid = 1,
    NotFound = 2,
    AlreadyExists = 3,

    /// <summary>An etag is not the current one.</summary>
    Conflict = 4,

    /// <summary>Right in itself, but not in the present state: a segment that is in use is not deleted.</summary>
    Precondition = 5,
    TooLarge = 6,

    /// <summary>Too many changes wait already: try again after a while.</summary>
    Exhausted = 7,
}

/// <summary>Why nothing was changed.</summary>
/// <param name="Reason">UPPER_SNAKE, stable, for programs: UNKNOWN_SEGMENT, ADDRESS_IN_USE, ETAG_MISMATCH …</param>
/// <param name="Message">For people: what, where, why, what to do.</param>
[GenerateSerializer, Immutable, Alias("vallum.Fault")]
public sealed record Fault(
    [property: Id(0)] FaultKind Kind,
    [property: Id(1)] string Reason,
    [property: Id(2)] string Message,
    [property: Id(3)] ImmutableArray<Violation> Violations);

/// <param name="Change">Index into the batch's changes.</param>
/// <param name="Field">Path inside the object: "spec.ingress[0].peers[1].ipBlock.cidr".</param>
[GenerateSerializer, Immutable, Alias("vallum.Violation")]
public sealed record Violation(
    [property: Id(0)] int Change,
    [property: Id(1)] string Field,
    [property: Id(2)] string Reason,
    [property: Id(3)] string Description);
