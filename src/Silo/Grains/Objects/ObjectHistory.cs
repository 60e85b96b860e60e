using Vallum.Cluster.Objects;
using Vallum.Silo.Storage.Log;
using Vallum.Silo.Storage.Log.History;

namespace Vallum.Silo.Grains.Objects;

/// <summary>What a scope remembers of its objects' changes.</summary>
internal static class ObjectHistory
{
    /// <summary>Endpoints come and go with workloads; all else is changed by people. The directory's own notes are nobody's change.</summary>
    public static HistoryStream? StreamOf(ObjectKind kind) => kind switch
    {
        ObjectKind.TenantEntry or ObjectKind.TenantPending => null,
        ObjectKind.Endpoint => HistoryStream.Busy,
        _ => HistoryStream.Calm,
    };

    public static async Task<HistoryReply> ReadAsync(HistoryRequest request, ObjectLog log, ObjectTable objects)
    {
        var page = await log.HistoryAsync(new HistoryQuery
        {
            Kinds = [.. request.Kinds.Select(kind => (int)kind)],
            Name = request.Name.Length == 0 ? null : request.Name,
            Actor = request.Actor.Length == 0 ? null : request.Actor,
            Since = request.Since,
            Until = request.Until,
            After = request.After is { } after ? new HistoryCursor(new HistoryPosition(after.Revision, after.Index), after.CalmRow, after.BusyRow) : null,
            Limit = request.Limit,
        });
        return new HistoryReply(
            log.Committed.Revision,
            [.. page.Entries.Select(entry => Of(entry, objects))],
            page.Next is { } next ? new HistoryBookmark(next.Position.Revision, next.Position.Index, next.CalmRow, next.BusyRow) : null);
    }

    private static RecordedChange Of(HistoryEntry entry, ObjectTable objects)
    {
        var change = entry.Change;
        var kind = (ObjectKind)change.Kind;
        var now = objects.Find(new ScopeKey(kind, change.Name))?.Document;
        return new RecordedChange(
            entry.Revision,
            entry.Time,
            entry.Actor,
            entry.RequestId ?? "",
            kind,
            change.Name,
            change.Before is { } before ? StoredForm.DocumentOf(change.Kind, change.Name, before) : null,
            change.Object is { } after ? StoredForm.DocumentOf(change.Kind, change.Name, after) : null,
            change.Object is not null && now?.Revision == entry.Revision);
    }
}
