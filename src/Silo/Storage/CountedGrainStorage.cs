using Orleans.Storage;

namespace Vallum.Silo.Storage;

/// <summary>Counts the calls to a storage that succeed; a change of an object is to cost one row write, and this is where that can be seen.</summary>
internal sealed class CountedGrainStorage(IGrainStorage storage, StorageMetrics metrics) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await storage.ReadStateAsync(stateName, grainId, grainState).ConfigureAwait(false);
        metrics.Read();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await storage.WriteStateAsync(stateName, grainId, grainState).ConfigureAwait(false);
        metrics.Wrote();
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await storage.ClearStateAsync(stateName, grainId, grainState).ConfigureAwait(false);
        metrics.Cleared();
    }
}
