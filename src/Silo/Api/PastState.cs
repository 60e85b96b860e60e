using System.Runtime.CompilerServices;
using Grpc.Core;
using Vallum.Cluster.Objects;
using Vallum.Manifests.Parsing;

namespace Vallum.Silo.Api;

/// <summary>What an object was after a revision.</summary>
/// <param name="Document">The state that is asked for.</param>
/// <param name="Now">The object as it is; null when it is deleted.</param>
/// <param name="Done">The change that the same request has made already.</param>
internal sealed record PastState(ObjectDocument Document, ObjectDocument? Now, RecordedChange? Done)
{
    private const int ChangesAtOnce = 100;

    /// <param name="revision">0: before the last change.</param>
    /// <param name="requestId">What this request itself has changed is passed over, so that a retry finds what the first try did; empty: none.</param>
    /// <exception cref="RpcException">NOT_FOUND, OUT_OF_RANGE or FAILED_PRECONDITION: it was not, or is not remembered.</exception>
    public static async Task<PastState> FindAsync(IObjectScope scope, ObjectName name, long revision, string requestId, CancellationToken cancellationToken)
    {
        var kind = ObjectKinds.KindOf(name.Type);
        var now = await scope.Get(kind, name.Id);
        RecordedChange? done = null;
        RecordedChange? oldest = null;
        await foreach (var change in ChangesAsync(scope, kind, name.Id, revision, cancellationToken))
        {
            if (requestId.Length > 0 && change.RequestId == requestId)
            {
                done = change;
                continue;
            }

            revision = revision == 0 ? change.Revision - 1 : revision;
            oldest = change;
            if (change.Revision <= revision)
            {
                return new PastState(change.After ?? throw DidNotExist(name, revision, $"it was deleted at revision {change.Revision}"), now, done);
            }

            if (change.Before is { } before && before.Revision <= revision)
            {
                return new PastState(before, now, done);
            }
        }

        // An object that has not been changed for long may have no history left, and is what it was all the same.
        return now is not null && revision > 0 && now.Revision <= revision ? new PastState(now, now, done) : throw NotRemembered(name, now, revision, oldest);
    }

    private static async IAsyncEnumerable<RecordedChange> ChangesAsync(
        IObjectScope scope, ObjectKind kind, string name, long revision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HistoryBookmark? next = null;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reply = await scope.History(new HistoryRequest([kind], name, "", null, null, next, ChangesAtOnce));
            if (revision > reply.Revision)
            {
                throw ApiError.OutOfRange("REVISION_AHEAD", $"there is no revision {revision} yet: the newest is {reply.Revision}");
            }

            foreach (var change in reply.Changes)
            {
                yield return change;
            }

            next = reply.Next;
        }
        while (next is not null);
    }

    private static RpcException NotRemembered(ObjectName name, ObjectDocument? now, long revision, RecordedChange? oldest) => (now, oldest) switch
    {
        (null, null) => ApiError.NotFound(name.ToString()),
        (_, { Type: ChangeType.Created }) => DidNotExist(name, revision, $"it was made at revision {oldest.Revision}, and nothing older is remembered"),
        (_, null) => ApiError.OutOfRange("HISTORY_TRIMMED", $"no change of {name} is remembered any more"),
        _ => ApiError.OutOfRange(
            "HISTORY_TRIMMED", $"what {name} was after revision {revision} is not remembered: the oldest change that is, is that of revision {oldest.Revision}"),
    };

    private static RpcException DidNotExist(ObjectName name, long revision, string why) =>
        ApiError.Precondition("DID_NOT_EXIST", name.ToString(), $"after revision {revision} there was no {name}: {why}");
}
