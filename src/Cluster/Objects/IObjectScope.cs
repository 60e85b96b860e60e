using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Vallum.Cluster.Objects;

/// <summary>What a grain that owns objects answers: a tenant, or the cluster for its own objects.</summary>
public interface IObjectScope
{
    /// <summary>Commits a batch durably, then answers; or changes nothing and says why. A storage failure is an exception: the outcome is then unknown, and a retry with the same request id tells.</summary>
    [Alias("Apply")]
    Task<ApplyReply> Apply(ApplyBatch batch);

    /// <summary>Null when there is no such object.</summary>
    [AlwaysInterleave, Alias("Get")]
    Task<ObjectDocument?> Get(ObjectKind kind, string name);

    [AlwaysInterleave, Alias("List")]
    Task<ObjectPage> List(ListObjects request);

    /// <summary>Changes after a revision, waiting up to <see cref="FeedRequest.Wait"/> for the first one.</summary>
    [AlwaysInterleave, Alias("Feed")]
    Task<FeedReply> Feed(FeedRequest request, CancellationToken cancellationToken = default);

    /// <summary>What was done, newest first, as far back as it is remembered. Bounded work: the answer may be short, or empty, and tell where to go on.</summary>
    [AlwaysInterleave, Alias("History")]
    Task<HistoryReply> History(HistoryRequest request);
}

/// <param name="After">Names after this one, in ordinal order; empty: from the first.</param>
/// <param name="Limit">At most this many documents are looked at.</param>
[GenerateSerializer, Immutable, Alias("vallum.ListObjects")]
public sealed record ListObjects(
    [property: Id(0)] ObjectKind Kind,
    [property: Id(1)] string After,
    [property: Id(2)] int Limit);

/// <param name="More">There are further documents behind the last one.</param>
[GenerateSerializer, Immutable, Alias("vallum.ObjectPage")]
public sealed record ObjectPage(
    [property: Id(0)] long Revision,
    [property: Id(1)] ImmutableArray<ObjectDocument> Documents,
    [property: Id(2)] bool More);

/// <param name="After">The caller's revision; 0 with <see cref="FeedReply.Whole"/> answers the current state.</param>
[GenerateSerializer, Immutable, Alias("vallum.FeedRequest")]
public sealed record FeedRequest(
    [property: Id(0)] long After,
    [property: Id(1)] TimeSpan Wait);

/// <summary>All changes in (After, Revision], or the whole state at Revision. Empty when nothing happened in the time.</summary>
/// <param name="Whole"><see cref="Events"/> is the whole state, as puts: the caller's revision is 0 or too old to tell the difference.</param>
[GenerateSerializer, Immutable, Alias("vallum.FeedReply")]
public sealed record FeedReply(
    [property: Id(0)] long Revision,
    [property: Id(1)] bool Whole,
    [property: Id(2)] ImmutableArray<FeedEvent> Events);

/// <param name="Document">Null: deleted.</param>
[GenerateSerializer, Immutable, Alias("vallum.FeedEvent")]
public sealed record FeedEvent(
    [property: Id(0)] long Revision,
    [property: Id(1)] DateTimeOffset Time,
    [property: Id(2)] ObjectKind Kind,
    [property: Id(3)] string Name,
    [property: Id(4)] ObjectDocument? Document);
