using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Vallum.Silo.Storage.Sqlite;

/// <summary>Grain state as rows of a <see cref="SqliteStore"/>: one per (grain, state name), each with an ETag that every write must present and changes.</summary>
internal sealed class SqliteGrainStorage(SqliteStore store, IGrainStorageSerializer serializer, IActivatorProvider activators) : IGrainStorage
{
    private const string Select = "SELECT etag, data FROM grain_state WHERE grain = $1 AND name = $2";
    private const string SelectETag = "SELECT etag FROM grain_state WHERE grain = $1 AND name = $2";
    private const string Insert = "INSERT INTO grain_state (grain, name, etag, data) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    private const string Update = "UPDATE grain_state SET etag = $4, data = $5 WHERE grain = $1 AND name = $2 AND etag = $3";
    private const string Delete = "DELETE FROM grain_state WHERE grain = $1 AND name = $2 AND etag = $3";

    /// <summary>Reads the row; where there is none, an empty state, no ETag, and <c>RecordExists</c> false.</summary>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var grain = grainId.ToString();
        var row = await store.ReadAsync(session => Find(session, grain, stateName)).ConfigureAwait(false);
        grainState.State = row is { } found ? serializer.Deserialize<T>(new BinaryData(found.Data)) : activators.GetActivator<T>().Create();
        grainState.ETag = row?.ETag;
        grainState.RecordExists = row is not null;
    }

    /// <summary>Writes the row durably.</summary>
    /// <exception cref="InconsistentStateException">The row's ETag is not the one that the state carries.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var grain = grainId.ToString();
        var data = Bytes(serializer.Serialize(grainState.State));
        var known = grainState.ETag;
        // Never reused, also not after the row was deleted and made again: a writer that slept through that must fail.
        var next = Guid.NewGuid().ToString("N");
        await store.WriteAsync(session =>
        {
            var changed = known is null
                ? session.Change(Insert, grain, stateName, next, data)
                : session.Change(Update, grain, stateName, known, next, data);
            return changed == 1 ? true : throw Conflict(session, grain, stateName, known);
        }).ConfigureAwait(false);
        grainState.ETag = next;
        grainState.RecordExists = true;
    }

    /// <summary>Deletes the row. Nothing to delete is no error when the state carries no ETag.</summary>
    /// <exception cref="InconsistentStateException">The row's ETag is not the one that the state carries.</exception>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var grain = grainId.ToString();
        var known = grainState.ETag;
        await store.WriteAsync(session =>
        {
            var cleared = known is null ? StoredETag(session, grain, stateName) is null : session.Change(Delete, grain, stateName, known) == 1;
            return cleared ? true : throw Conflict(session, grain, stateName, known);
        }).ConfigureAwait(false);
        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static (string ETag, byte[] Data)? Find(SqliteSession session, string grain, string stateName)
    {
        using var reader = session.Prepared(Select, grain, stateName).ExecuteReader();
        return reader.Read() ? (reader.GetString(0), reader.GetFieldValue<byte[]>(1)) : null;
    }

    private static string? StoredETag(SqliteSession session, string grain, string stateName) =>
        session.Prepared(SelectETag, grain, stateName).ExecuteScalar() as string;

    private static InconsistentStateException Conflict(SqliteSession session, string grain, string stateName, string? known) =>
        new($"State {stateName} of grain {grain} was changed by another writer.", StoredETag(session, grain, stateName) ?? "none", known ?? "none");

    private static byte[] Bytes(BinaryData data) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(data.ToMemory(), out var whole) && whole.Array is { } array && whole.Count == array.Length
            ? array
            : data.ToArray();
}
