using Orleans.Storage;

namespace Vallum.Storage.Tests.Backends;

/// <summary>Grain state in a dictionary, serialized, so that nobody shares an object with the storage.</summary>
public sealed class MemoryBackend : StorageBackend, IGrainStorage
{
    private readonly Dictionary<(GrainId Grain, string Name), (string ETag, byte[] Data)> _rows = [];
    private long _lastETag;
    private volatile bool _frozen;

    public override IGrainStorage Storage => this;

    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_rows)
            {
                return [.. _rows.Keys.Select(key => key.Name).Order(StringComparer.Ordinal)];
            }
        }
    }

    public int LargestRowBytes
    {
        get
        {
            lock (_rows)
            {
                return _rows.Values.Max(row => row.Data.Length);
            }
        }
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowWhenFrozen();
        lock (_rows)
        {
            if (_rows.TryGetValue((grainId, stateName), out var row))
            {
                grainState.State = Serialization.Storage.Deserialize<T>(new BinaryData(row.Data));
                (grainState.ETag, grainState.RecordExists) = (row.ETag, true);
            }
            else
            {
                grainState.State = Serialization.Activators.GetActivator<T>().Create();
                (grainState.ETag, grainState.RecordExists) = (null, false);
            }
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowWhenFrozen();
        lock (_rows)
        {
            Check(stateName, grainId, grainState.ETag);
            var etag = $"{++_lastETag}";
            _rows[(grainId, stateName)] = (etag, Serialization.Storage.Serialize(grainState.State).ToArray());
            (grainState.ETag, grainState.RecordExists) = (etag, true);
        }

        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ThrowWhenFrozen();
        lock (_rows)
        {
            Check(stateName, grainId, grainState.ETag);
            _rows.Remove((grainId, stateName));
            grainState.State = Serialization.Activators.GetActivator<T>().Create();
            (grainState.ETag, grainState.RecordExists) = (null, false);
        }

        return Task.CompletedTask;
    }

    public override Task ReopenAsync() => Task.CompletedTask;

    public override Task FreezeAsync()
    {
        _frozen = true;
        return Task.CompletedTask;
    }

    public override Task ThawAsync()
    {
        _frozen = false;
        return Task.CompletedTask;
    }

    public override Task RestartAsync() => Task.CompletedTask;

    public override Task EmptyAsync()
    {
        lock (_rows)
        {
            _rows.Clear();
        }

        return Task.CompletedTask;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void ThrowWhenFrozen()
    {
        if (_frozen)
        {
            throw new TimeoutException("The storage does not answer.");
        }
    }

    private void Check(string stateName, GrainId grainId, string? known)
    {
        var stored = _rows.TryGetValue((grainId, stateName), out var row) ? row.ETag : null;
        if (stored != known)
        {
            throw new InconsistentStateException($"{stateName} of {grainId}", stored ?? "none", known ?? "none");
        }
    }
}
