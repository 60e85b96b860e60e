using System.Collections.Concurrent;
using Orleans.Storage;

namespace Vallum.Silo.Storage.Log;

/// <summary>
/// Before a silo joins: writes and opens a log in memory, in every way that a tenant's is. A silo that was just started is given a share of the others' tenants
/// within a second, and each of its first ones would wait until all that reads a log has been compiled.
/// </summary>
internal sealed class WarmStart(IGrainStorageSerializer serializer, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    private const int Openings = 3;
    private const int BatchesEach = 40;

    // Small, so that rows are sealed, and a snapshot is written.
    private static readonly ObjectLogOptions Small = new() { RowBytes = 1024, CompactionChanges = 30, CompactionBytes = 4096, RetainedBatches = 10 };

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(WarmStart), ServiceLifecycleStage.RuntimeInitialize, RunAsync);

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var storage = new RowsInMemory(serializer);
        for (var opening = 0; opening < Openings && !cancellationToken.IsCancellationRequested; opening++)
        {
            var log = await ObjectLog.OpenAsync(storage, GrainId.Create("warm-start", "log"), time, Small);
            for (var batch = 0; batch < BatchesEach; batch++)
            {
                await log.AppendAsync(Next(log.Head.Revision + 1));
            }

            await log.CloseAsync();
        }
    }

    private Batch Next(long revision)
    {
        var now = time.GetUtcNow();
        return new Batch
        {
            Revision = revision,
            Time = now,
            Actor = "warm-start",
            RequestId = $"warm-{revision}",
            Outcome = new byte[16],
            Changes =
            [
                revision % 5 == 0
                    ? ObjectChange.Delete(KeyOf(revision - 1))
                    : ObjectChange.Put(KeyOf(revision), new StoredObject { Content = new byte[64], Uid = "uid", Generation = 1, Revision = revision, CreateTime = now, UpdateTime = now }),
            ],
        };
    }

    private static ObjectKey KeyOf(long revision) => new(1, $"object-{revision}");

    /// <summary>Rows as bytes, as a storage has them, so that both ways through the serializer are gone.</summary>
    private sealed class RowsInMemory(IGrainStorageSerializer serializer) : IGrainStorage
    {
        private readonly ConcurrentDictionary<string, (BinaryData Bytes, string ETag)> _rows = new(StringComparer.Ordinal);
        private long _written;

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            grainState.RecordExists = _rows.TryGetValue(stateName, out var row);
            if (grainState.RecordExists)
            {
                (grainState.State, grainState.ETag) = (serializer.Deserialize<T>(row.Bytes), row.ETag);
            }

            return Task.CompletedTask;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            (grainState.ETag, grainState.RecordExists) = ($"{++_written}", true);
            _rows[stateName] = (serializer.Serialize(grainState.State), grainState.ETag);
            return Task.CompletedTask;
        }

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            _rows.TryRemove(stateName, out _);
            (grainState.ETag, grainState.RecordExists) = (null, false);
            return Task.CompletedTask;
        }
    }
}
