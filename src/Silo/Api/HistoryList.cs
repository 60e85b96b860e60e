using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Vallum.Cluster.Objects;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using ChangeType = Vallum.Contracts.Api.V1.ChangeType;

namespace Vallum.Silo.Api;

/// <summary>One page of a scope's or an object's history.</summary>
internal sealed class HistoryList(IGrainFactory grains, ListHistoryRequest request)
{
    private const int DefaultPageSize = 100;
    private const int MaxPageSize = 1000;

    /// <summary>A page ends behind the entry with which it has this much: below the 4 MiB that a client takes by default.</summary>
    private const int PageBytes = 2 << 20;

    /// <summary>Questions to the grain for one page; each reads a bounded number of rows.</summary>
    private const int Questions = 32;

    public async Task<ListHistoryResponse> ReadAsync(CancellationToken cancellationToken)
    {
        if (request.PageSize is < 0 or > MaxPageSize)
        {
            throw ApiError.Invalid("page_size", "OUT_OF_RANGE", $"{request.PageSize} is not in 0..{MaxPageSize}");
        }

        var size = request.PageSize == 0 ? DefaultPageSize : request.PageSize;
        var (scope, question) = Question();
        var grain = grains.Scope(scope);
        var response = new ListHistoryResponse();
        HistoryBookmark? next = null;
        for (var (asked, bytes) = (0, 0); asked == 0 || (next is not null && asked < Questions && response.Entries.Count < size && bytes < PageBytes); asked++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reply = await grain.History(question with { After = next ?? question.After, Limit = size - response.Entries.Count });
            next = reply.Next;
            foreach (var change in reply.Changes)
            {
                var entry = EntryOf(scope, change);
                bytes += entry.CalculateSize();
                response.Entries.Add(entry);
            }
        }

        response.NextPageToken = next is null ? "" : new PageToken("", TextOf(next)).Write(request.Parent, Filter);
        if (response.Entries.Count == 0 && next is null && question.After is null)
        {
            await RefuseUnknownAsync(grain);
        }

        return response;
    }

    public static HistoryEntry EntryOf(string scope, RecordedChange change) => new()
    {
        Name = ObjectKinds.NameOf(scope, change.Kind, change.Name),
        Type = (ChangeType)change.Type,
        Revision = change.Revision,
        Time = Timestamp.FromDateTimeOffset(change.Time),
        Actor = change.Actor,
        RequestId = change.RequestId,
        Generation = change.After?.Generation ?? 0,
        Before = change.Before is { } before ? ObjectKinds.ToObject(scope, before) : null,
        After = change.After is { } after ? ObjectKinds.ToObject(scope, after) : null,
        Current = change.Current,
    };

    private string Filter => string.Join('|', [request.Actor, request.Since, request.Until, .. request.Kinds]);

    private (string Scope, HistoryRequest Question) Question()
    {
        List<ObjectKind> kinds = [.. request.Kinds.Select(ObjectKinds.ParseKind)];
        var (scope, name) = (request.Parent, "");
        if (request.Parent.Length > 0)
        {
            if (!ObjectName.TryParse(request.Parent, out var parent))
            {
                throw ApiError.Invalid("parent", "INVALID_PARENT", $"'{request.Parent}' is neither tenants/{{tenant}} nor an object's name");
            }

            scope = parent.Scope;
            if (parent.Type != ObjectType.Tenant)
            {
                (name, kinds) = (parent.Id, [ObjectKinds.KindOf(parent.Type)]);
            }
        }

        var question = new HistoryRequest(
            [.. kinds], name, request.Actor, request.Since?.ToDateTimeOffset(), request.Until?.ToDateTimeOffset(), ReadToken(), Limit: 0);
        return (scope, question);
    }

    /// <summary>Nothing is remembered of what never was, and a name that was mistyped should not look like an object without a past.</summary>
    private async Task RefuseUnknownAsync(IObjectScope grain)
    {
        var unfiltered = request is { Actor: "", Since: null, Until: null, Parent.Length: > 0 };
        if (unfiltered && ObjectName.TryParse(request.Parent, out var name) && await grain.Get(ObjectKinds.KindOf(name.Type), name.Id) is null)
        {
            throw ApiError.NotFound(request.Parent);
        }
    }

    private HistoryBookmark? ReadToken()
    {
        if (PageToken.Read(request.PageToken, request.Parent, Filter).After is not { Length: > 0 } text)
        {
            return null;
        }

        var parts = text.Split('.').Select(part => long.Parse(part, CultureInfo.InvariantCulture)).ToList();
        return new HistoryBookmark(parts[0], (int)parts[1], parts[2], parts[3]);
    }

    private static string TextOf(HistoryBookmark mark) =>
        string.Create(CultureInfo.InvariantCulture, $"{mark.Revision}.{mark.Index}.{mark.CalmRow}.{mark.BusyRow}");
}
