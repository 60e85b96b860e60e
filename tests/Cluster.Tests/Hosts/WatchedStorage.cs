using System.Collections.Concurrent;
using Orleans.Storage;

namespace Vallum.Cluster.Tests.Hosts;

/// <summary>What happens to the next write of a grain.</summary>
internal enum WriteFault
{
    /// <summary>It fails, and nothing is stored.</summary>
    Before,

    /// <summary>It is stored, and fails: the writer cannot know.</summary>
    AfterCommit,
}

/// <summary>Counts the row writes of every grain, and lets chosen ones fail.</summary>
internal sealed class WatchedStorage(IGrainStorage inner) : IGrainStorage
{
    private readonly ConcurrentDictionary<GrainId, int> _writes = [];
    private readonly ConcurrentDictionary<GrainId, WriteFault> _faults = [];

    public int WritesOf(GrainId grain) => _writes.GetValueOrDefault(grain);

    public void FailNextWrite(GrainId grain, WriteFault fault) => _faults[grain] = fault;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var fault = _faults.TryRemove(grainId, out var chosen) ? chosen : (WriteFault?)null;
        if (fault == WriteFault.Before)
        {
            throw new IOException("The disk is gone.");
        }

        await inner.WriteStateAsync(stateName, grainId, grainState);
        _writes.AddOrUpdate(grainId, 1, (_, count) => count + 1);
        if (fault == WriteFault.AfterCommit)
        {
            throw new IOException("The answer of the disk is lost.");
        }
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);
}
