using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Api;

internal sealed class ResourceService(IGrainFactory grains, IHostApplicationLifetime lifetime) : Contracts.Api.V1.ResourceService.ResourceServiceBase
{
    private static readonly TimeSpan SilenceBetweenBookmarks = TimeSpan.FromSeconds(10);

    public override Task<ApplyResponse> Apply(ApplyRequest request, ServerCallContext context) =>
        new ApplyOperation(grains, request, Caller.Of(context)).RunAsync();

    public override async Task Watch(WatchRequest request, IServerStreamWriter<WatchEvent> responseStream, ServerCallContext context)
    {
        var kinds = request.Kinds.Select(ObjectKinds.ParseKind).ToHashSet();
        var scope = ParseScope(request.Parent);
        var revision = request.StartRevision;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);

        // The current state is told at once, also where there is none yet.
        var wait = revision == 0 ? TimeSpan.Zero : SilenceBetweenBookmarks;
        while (true)
        {
            var reply = await WaitAsync(scope, revision, wait, ending.Token);
            wait = SilenceBetweenBookmarks;
            if (reply.Whole && revision > 0)
            {
                throw ApiError.OutOfRange(
                    "REVISION_COMPACTED", $"changes after revision {revision} are not remembered (now {reply.Revision}): list, or watch from 0");
            }

            // A write that is cut short resets the stream, and the caller would not be told why: the silo's end ends the waiting, not the writing.
            foreach (var change in reply.Events.Select(AsObject).Where(e => kinds.Count == 0 || kinds.Contains(e.Kind)))
            {
                await responseStream.WriteAsync(EventOf(request.Parent, change), context.CancellationToken);
            }

            // A whole state and a silence end in a bookmark; after changes the last one tells the revision.
            if (reply.Whole || reply.Events.IsEmpty)
            {
                await responseStream.WriteAsync(new WatchEvent { Type = WatchEvent.Types.Type.Bookmark, Revision = reply.Revision }, context.CancellationToken);
            }

            revision = reply.Revision;
        }
    }

    private async Task<FeedReply> WaitAsync(IObjectScope scope, long revision, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            return await scope.Feed(new FeedRequest(revision, wait), cancellationToken).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw ApiError.Unavailable("SHUTTING_DOWN", "this silo is going away: watch again from the last revision");
        }
    }

    private IObjectScope ParseScope(string parent)
    {
        if (parent.Length > 0)
        {
            ObjectScopes.Parse(parent, Manifests.Parsing.ObjectType.Tenant, "parent");
        }

        return grains.Scope(parent);
    }

    /// <summary>The cluster's directory says of a tenant what the tenant itself does.</summary>
    private static FeedEvent AsObject(FeedEvent change) => change.Kind == ObjectKind.TenantEntry
        ? change with { Kind = ObjectKind.Tenant, Document = change.Document is null ? null : change.Document with { Kind = ObjectKind.Tenant } }
        : change;

    private static WatchEvent EventOf(string scope, FeedEvent change)
    {
        var message = new WatchEvent
        {
            Type = change.Document is null ? WatchEvent.Types.Type.Delete : WatchEvent.Types.Type.Put,
            Name = ObjectKinds.NameOf(scope, change.Kind, change.Name),
            Revision = change.Revision,
            Time = Timestamp.FromDateTimeOffset(change.Time),
        };
        if (change.Document is { } document)
        {
            message.Object = ObjectKinds.ToObject(scope, document);
            if (message.Object.Tenant is { } tenant && scope.Length == 0)
            {
                // The directory's revisions are its own: the tenant's etag is told by the tenant.
                (tenant.Metadata.Etag, tenant.Metadata.Generation) = ("", 0);
            }
        }

        return message;
    }
}
