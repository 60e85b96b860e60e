using System.Collections.Immutable;
using Orleans.Concurrency;
using Vallum.Cluster.Status;

namespace Vallum.Cluster;

/// <summary>
/// Key: "{tenant}/{segment}". A read model, pulled by revision from the tenant: who is in the segment, on which nodes, and whether those enforce what is
/// wanted. Questions about a large segment never wait for, or hold up, the tenant's writes.
/// </summary>
[Alias("vallum.ISegmentGrain")]
public interface ISegmentGrain : IGrainWithStringKey
{
    /// <summary>Endpoints by name, in order, after <paramref name="after"/>; not older than <paramref name="revision"/> of the tenant.</summary>
    [AlwaysInterleave, Alias("Members")]
    Task<SegmentMembers> Members(long revision, string after, int limit);

    [AlwaysInterleave, Alias("Status")]
    Task<SegmentStatus> Status(long revision);
}

[GenerateSerializer, Immutable, Alias("vallum.SegmentMembers")]
public sealed record SegmentMembers(
    [property: Id(0)] long Revision,
    [property: Id(1)] ImmutableArray<string> Endpoints,
    [property: Id(2)] bool More);

[GenerateSerializer, Immutable, Alias("vallum.SegmentStatus")]
public sealed record SegmentStatus(
    [property: Id(0)] long Revision,
    [property: Id(1)] bool Exists,
    [property: Id(2)] int Endpoints,
    [property: Id(3)] ImmutableArray<NodeProgress> Nodes);
