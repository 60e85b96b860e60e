using System.Collections.Immutable;

namespace Vallum.Cluster.Compiled;

/// <summary>What a silo's hub asks a tenant for.</summary>
/// <param name="Hub">The asking silo.</param>
/// <param name="Epoch">Of the cursor; 0: from nothing. An activation's cursors mean nothing to the next activation.</param>
/// <param name="Sequence">Of the cursor.</param>
/// <param name="Full">All of the tenant's resources: a node of this silo has endpoints of the tenant. Otherwise only wanted parts.</param>
/// <param name="WantsVersion">Counts the changes of this hub's wanted parts.</param>
/// <param name="Wants">All parts that the hub wants beside what Full brings; null: as told with this WantsVersion before (an activation that does not remember answers <see cref="PullReply.TellWants"/>).</param>
/// <param name="ClusterRevision">Of the answer before; 0: there was none. A newer one is news too: everything may already be as it has to be.</param>
[GenerateSerializer, Immutable, Alias("vallum.PullRequest")]
public sealed record PullRequest(
    [property: Id(0)] string Hub,
    [property: Id(1)] long Epoch,
    [property: Id(2)] long Sequence,
    [property: Id(3)] bool Full,
    [property: Id(4)] long WantsVersion,
    [property: Id(5)] ImmutableArray<PartWant>? Wants,
    [property: Id(6)] TimeSpan Wait,
    [property: Id(7)] long ClusterRevision);

/// <summary>An <c>EndpointPart</c> on the wire between silos.</summary>
[GenerateSerializer, Immutable, Alias("vallum.PartWant")]
public sealed record PartWant(
    [property: Id(0)] ImmutableArray<RequirementWant> Requirements,
    [property: Id(1)] ImmutableArray<string> Segments,
    [property: Id(2)] string PortName,
    [property: Id(3)] byte PortProtocol);

/// <param name="Operator">In 0, NotIn 1, Exists 2, DoesNotExist 3.</param>
[GenerateSerializer, Immutable, Alias("vallum.RequirementWant")]
public sealed record RequirementWant(
    [property: Id(0)] string Key,
    [property: Id(1)] int Operator,
    [property: Id(2)] ImmutableArray<string> Values);

/// <summary>Everything between the caller's cursor and (Epoch, Sequence), or the whole.</summary>
/// <param name="Revision">The tenant's committed revision that this is the compiled form of: a cut.</param>
/// <param name="ClusterRevision">The revision of the cluster's own objects (operator's policies) in it.</param>
/// <param name="Whole">Everything the caller does not find here is gone.</param>
/// <param name="TellWants">The grain does not know the hub's wants: ask again and tell them. Nothing else is answered.</param>
[GenerateSerializer, Immutable, Alias("vallum.PullReply")]
public sealed record PullReply(
    [property: Id(0)] long Epoch,
    [property: Id(1)] long Sequence,
    [property: Id(2)] long Revision,
    [property: Id(3)] long ClusterRevision,
    [property: Id(4)] bool Whole,
    [property: Id(5)] bool TellWants,
    [property: Id(6)] ImmutableArray<CompiledDelta> Deltas);

public enum CompiledKind
{
    Binding = 1,
    Profile = 2,
    PolicyRules = 3,
    GroupPart = 4,
}

/// <summary>A resource's change, its head and entries already in the bytes that agents get: encoded once, where it was made.</summary>
/// <param name="Name">Binding: the node. Profile, PolicyRules: as on the agents' wire. GroupPart: the part's id.</param>
/// <param name="Head">Null: stays.</param>
/// <param name="Groups">PolicyRules with a head: what the groups that it names are.</param>
[GenerateSerializer, Immutable, Alias("vallum.CompiledDelta")]
public sealed record CompiledDelta(
    [property: Id(0)] CompiledKind Kind,
    [property: Id(1)] string Name,
    [property: Id(2)] bool Gone,
    [property: Id(3)] byte[]? Head,
    [property: Id(4)] ImmutableArray<byte[]> Added,
    [property: Id(5)] ImmutableArray<byte[]> Removed,
    [property: Id(6)] ImmutableArray<GroupWant> Groups);

/// <summary>A <c>GroupDefinition</c> on the wire between silos.</summary>
/// <param name="Id">The group's name on the agents' wire.</param>
/// <param name="Kind">0 endpoints, 1 network set, 2 nodes.</param>
/// <param name="Scope">Endpoints: 0 named, 1 all but, 2 matching.</param>
/// <param name="Names">Tenants of the scope (named; all but: one), or the network set.</param>
/// <param name="Requirements">The selector over tenants (matching) or nodes.</param>
[GenerateSerializer, Immutable, Alias("vallum.GroupWant")]
public sealed record GroupWant(
    [property: Id(0)] string Id,
    [property: Id(1)] int Kind,
    [property: Id(2)] int Scope,
    [property: Id(3)] ImmutableArray<string> Names,
    [property: Id(4)] ImmutableArray<RequirementWant> Requirements,
    [property: Id(5)] PartWant? Part,
    [property: Id(6)] string PartId);

/// <summary>How far one silo's nodes have come with one tenant.</summary>
/// <param name="Hub">The reporting silo.</param>
/// <param name="Number">Rises with every report of this hub; older ones are ignored.</param>
/// <param name="Nodes">All nodes of the silo that hold anything of the tenant.</param>
[GenerateSerializer, Immutable, Alias("vallum.ProgressReport")]
public sealed record ProgressReport(
    [property: Id(0)] string Hub,
    [property: Id(1)] long Number,
    [property: Id(2)] ImmutableArray<NodeProgressReport> Nodes);

[GenerateSerializer, Immutable, Alias("vallum.NodeProgressReport")]
public sealed record NodeProgressReport(
    [property: Id(0)] string Node,
    [property: Id(1)] long AppliedRevision,
    [property: Id(2)] long AppliedClusterRevision,
    [property: Id(3)] string Error)
{
    /// <summary>The node has only members of the tenant in groups: whether all of the tenant's endpoints on it are enforced is not said.</summary>
    [Id(4)]
    public bool MembersOnly { get; init; }

    /// <summary>When the session began, by its silo's clock: of a node that two silos report, the younger session speaks.</summary>
    [Id(5)]
    public DateTimeOffset Since { get; init; }

    /// <summary>The session has begun, and the agent has not yet what the silo has for it; the node may have endpoints of the tenant.</summary>
    [Id(6)]
    public bool Arriving { get; init; }
}
