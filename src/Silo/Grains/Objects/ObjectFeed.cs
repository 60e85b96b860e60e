using System.Collections.Immutable;
using Vallum.Cluster.Objects;
using Vallum.Silo.Storage.Log;

namespace Vallum.Silo.Grains.Objects;

/// <summary>Answers followers: what the log still has after a revision, else the whole state.</summary>
internal static class ObjectFeed
{
    /// <param name="after">The follower's revision; 0, or one that the log does not reach back to, is answered by the whole.</param>
    public static FeedReply Since(long after, ObjectLog log, ObjectTable objects)
    {
        var revision = log.Committed.Revision;
        return after > 0 && after <= revision && log.BatchesAfter(after) is { } batches
            ? new FeedReply(revision, false, [.. batches.SelectMany(EventsOf)])
            : new FeedReply(revision, true, Whole(objects));
    }

    private static IEnumerable<FeedEvent> EventsOf(Batch batch) => batch.Changes.Where(change => IsTold((ObjectKind)change.Kind)).Select(change => new FeedEvent(
        batch.Revision,
        batch.Time,
        (ObjectKind)change.Kind,
        change.Name,
        change.Object is { } stored ? StoredForm.DocumentOf(change.Kind, change.Name, stored) : null));

    private static ImmutableArray<FeedEvent> Whole(ObjectTable objects) =>
    [
        .. Enum.GetValues<ObjectKind>().Where(IsTold).SelectMany(objects.All).Select(one => one.Document).Select(document =>
            new FeedEvent(document.Revision, document.UpdateTime, document.Kind, document.Name, document)),
    ];

    private static bool IsTold(ObjectKind kind) => kind != ObjectKind.TenantPending;
}
