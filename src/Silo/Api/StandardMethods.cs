using System.Collections.Immutable;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Manifests.Writing;
using Vallum.Silo.Security.Access;
using Vallum.Silo.Security.Callers;
using ChangeType = Vallum.Cluster.Objects.ChangeType;

namespace Vallum.Silo.Api;

/// <summary>Get, List, Create, Update and Delete of one kind (AIP-131 to 135): read the request, ask the grain that owns the name, write the answer.</summary>
internal sealed class StandardMethods<T>(ObjectKindTraits<T> traits, IGrainFactory grains)
    where T : class, IMessage<T>
{
    private const int DefaultPageSize = 100;
    private const int MaxPageSize = 1000;

    public async Task<T> GetAsync(GetRequest request)
    {
        var name = ObjectScopes.Parse(request.Name, traits.Type);
        var document = await grains.Scope(name.Scope).Get(traits.Kind, name.Id) ?? throw ApiError.NotFound(request.Name);
        return ObjectKinds.ToMessage(traits, name.Scope, document);
    }

    /// <summary>One page, and the token of the next; an empty token behind the last.</summary>
    public async Task<(List<T> Page, string NextPageToken)> ListAsync(ListRequest request, ServerCallContext context)
    {
        if (request.PageSize is < 0 or > MaxPageSize)
        {
            throw ApiError.Invalid("page_size", "OUT_OF_RANGE", $"{request.PageSize} is not in 0..{MaxPageSize}");
        }

        var size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var filter = ObjectFilter.Parse(request.Filter);
        var scopes = await ScopesAsync(request.Parent, Caller.Of(context).Rights);
        var at = PageToken.Read(request.PageToken, request.Parent, request.Filter);
        List<T> page = [];
        foreach (var scope in scopes.SkipWhile(s => string.CompareOrdinal(s, at.Scope) < 0))
        {
            var after = scope == at.Scope ? at.After : "";
            for (var more = true; more;)
            {
                context.CancellationToken.ThrowIfCancellationRequested();
                var found = await grains.Scope(scope).List(new ListObjects(traits.Kind, after, MaxPageSize));
                foreach (var document in found.Documents)
                {
                    var message = ObjectKinds.ToMessage(traits, scope, document);
                    if (filter.Matches(traits.Wrap(message)))
                    {
                        if (page.Count == size)
                        {
                            return (page, new PageToken(scope, after).Write(request.Parent, request.Filter));
                        }

                        page.Add(message);
                    }

                    after = document.Name;
                }

                more = found.More;
            }
        }

        return (page, "");
    }

    public Task<T> CreateAsync(T? message, string requestId, bool validateOnly, ServerCallContext context) =>
        PutAsync(message, ChangeMode.Create, requestId, validateOnly, context);

    public Task<T> UpdateAsync(T? message, bool allowMissing, string requestId, bool validateOnly, ServerCallContext context) =>
        PutAsync(message, allowMissing ? ChangeMode.Put : ChangeMode.Update, requestId, validateOnly, context);

    public async Task DeleteAsync(DeleteRequest request, ServerCallContext context)
    {
        var name = ObjectScopes.Parse(request.Name, traits.Type);
        if (request.Force && traits.Kind != ObjectKind.Tenant)
        {
            throw ApiError.Invalid("force", "NOT_ALLOWED", "only a tenant is deleted with all that it owns");
        }

        var mode = request.Force
            ? ChangeMode.DeleteAll
            : request.AllowMissing ? ChangeMode.DeleteIfThere : ChangeMode.Delete;
        var change = new ObjectChange(mode, traits.Kind, name.Id, [], request.Etag);
        var outcome = await ApplyAsync(name, change, "", request.RequestId, request.ValidateOnly, context);
        if (outcome.Type == ChangeType.Unchanged && !request.AllowMissing)
        {
            throw ApiError.NotFound(request.Name);
        }
    }

    private async Task<T> PutAsync(T? message, ChangeMode mode, string requestId, bool validateOnly, ServerCallContext context)
    {
        if (message is null)
        {
            throw ApiError.Invalid(traits.Field, "REQUIRED", $"the {traits.Field} is missing");
        }

        var name = ObjectScopes.Parse(traits.Name(message), traits.Type, $"{traits.Field}.name");
        var wrapped = traits.Wrap(message);
        var violations = ObjectParser.Judge(wrapped);
        if (!violations.IsEmpty)
        {
            throw ApiError.Invalid([.. violations.Select(v => new BadRequest.Types.FieldViolation
            {
                Field = $"{traits.Field}.{v.Field}",
                Reason = v.Reason,
                Description = v.Description,
            })]);
        }

        var change = new ObjectChange(mode, traits.Kind, name.Id, [.. ObjectContent.Normalize(wrapped)], traits.Metadata(message)?.Etag ?? "");
        var outcome = await ApplyAsync(name, change, $"{traits.Field}.", requestId, validateOnly, context);
        return outcome.After is { } after ? ObjectKinds.ToMessage(traits, name.Scope, after) : message;
    }

    private async Task<ChangeOutcome> ApplyAsync(
        ObjectName name, ObjectChange change, string fieldPrefix, string requestId, bool validateOnly, ServerCallContext context)
    {
        RequestId.Check(requestId);
        var reply = await grains.Scope(name.Scope).Apply(new ApplyBatch([change], requestId, Caller.Of(context).Name, validateOnly, 0, []));
        return reply.Fault is null
            ? reply.Outcomes[0]
            : throw ApiError.Of(Discretion.Of(reply.Fault, Caller.Of(context).Rights), name.ToString(), (_, field) => fieldPrefix + field);
    }

    /// <summary>Where a list looks, in the order of the pages.</summary>
    private async Task<ImmutableArray<string>> ScopesAsync(string parent, Rights rights)
    {
        var allTenants = traits.Type == ObjectType.Tenant ? parent.Length == 0 : parent == "tenants/-";
        if (allTenants && traits.Type is not (ObjectType.Node or ObjectType.NetworkSet))
        {
            return await grains.TenantsAsync(rights);
        }

        if (parent.Length == 0)
        {
            return traits.Type is ObjectType.Segment or ObjectType.Endpoint
                ? throw ApiError.Invalid("parent", "REQUIRED", "whose? write tenants/{tenant}, or tenants/- for those of all tenants")
                : [""];
        }

        if (traits.Type is ObjectType.Tenant or ObjectType.Node or ObjectType.NetworkSet ||
            !ObjectName.TryParse(parent, out var name) || name.Type != ObjectType.Tenant)
        {
            throw ApiError.Invalid("parent", "INVALID_PARENT", $"'{parent}' is no parent of a {traits.Type}");
        }

        return await grains.Scope(parent).Get(ObjectKind.Tenant, name.Id) is null ? throw ApiError.NotFound(parent) : [parent];
    }
}
