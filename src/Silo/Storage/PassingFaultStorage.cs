using Microsoft.Data.Sqlite;
using Orleans.Persistence.Redis;
using Orleans.Storage;
using StackExchange.Redis;

namespace Vallum.Silo.Storage;

/// <summary>
/// Says of a storage that is away, for now, that it is: in Orleans' own exception, which travels between silos and tells callers to try again. The client's
/// own exceptions reach a caller when a grain cannot be read at its activation, and would pass there for faults of ours.
/// </summary>
internal sealed class PassingFaultStorage(IGrainStorage storage) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        NameAsync(storage.ReadStateAsync(stateName, grainId, grainState));

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        NameAsync(storage.WriteStateAsync(stateName, grainId, grainState));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        NameAsync(storage.ClearStateAsync(stateName, grainId, grainState));

    private static async Task NameAsync(Task call)
    {
        try
        {
            await call.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or RedisStorageException or RedisTimeoutException or SqliteException)
        {
            throw new OrleansException($"The storage failed: {exception.Message}", exception);
        }
    }
}
