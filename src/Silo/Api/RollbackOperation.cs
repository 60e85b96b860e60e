using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Silo.Security.Callers;
using ChangeType = Vallum.Contracts.Api.V1.ChangeType;
using ObjectChange = Vallum.Cluster.Objects.ObjectChange;

namespace Vallum.Silo.Api;

/// <summary>One Rollback: finds what the object was, and puts that, judged like anything that is put.</summary>
internal sealed class RollbackOperation(IGrainFactory grains, RollbackRequest request, Caller caller)
{
    public async Task<RollbackResponse> RunAsync(CancellationToken cancellationToken)
    {
        RequestId.Check(request.RequestId);
        if (!ObjectName.TryParse(request.Name, out var name))
        {
            throw ApiError.Invalid("name", "INVALID_NAME", $"'{request.Name}' is no object's name");
        }

        if (request.Revision < 0)
        {
            throw ApiError.Invalid("revision", "OUT_OF_RANGE", $"{request.Revision} is no revision; 0 is the one before the last change");
        }

        var scope = grains.Scope(name.Scope);
        var past = await PastState.FindAsync(scope, name, request.Revision, request.ValidateOnly ? "" : request.RequestId, cancellationToken);
        if (past.Done is { } done)
        {
            return Answer(name, (ChangeType)done.Type, done.Before, done.After, past, done.Revision);
        }

        // Before the last change is before the one that was found: if there is another by now, the caller should look again.
        var etag = request.Etag.Length == 0 && request.Revision == 0 ? past.Now?.Etag ?? "" : request.Etag;
        var change = new ObjectChange(ChangeMode.Put, past.Document.Kind, name.Id, past.Document.Content, etag);
        var reply = await scope.Apply(new ApplyBatch([change], request.RequestId, caller.Name, request.ValidateOnly, 0, []));
        if (reply.Fault is { } fault)
        {
            throw ApiError.Of(Discretion.Of(fault, caller.Rights), request.Name, (_, field) => field);
        }

        var outcome = reply.Outcomes[0];
        return Answer(name, (ChangeType)outcome.Type, outcome.Before ?? past.Now, outcome.After, past, reply.Revision);
    }

    private static RollbackResponse Answer(ObjectName name, ChangeType type, ObjectDocument? before, ObjectDocument? after, PastState past, long revision) =>
        new()
        {
            Object = after is null ? null : ObjectKinds.ToObject(name.Scope, after),
            Type = type,
            Before = before is null ? null : ObjectKinds.ToObject(name.Scope, before),
            RestoredRevision = past.Document.Revision,
            Revision = new ScopeRevision { Scope = name.Scope, Revision = revision },
        };
}
