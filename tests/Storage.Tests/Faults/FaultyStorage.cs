using System.Collections.Concurrent;
using Orleans.Storage;

namespace Vallum.Storage.Tests.Faults;

/// <summary>What happens to a storage call.</summary>
public enum Fault
{
    None,

    /// <summary>It fails and has done nothing.</summary>
    Before,

    /// <summary>It fails and has done its work: the caller cannot know.</summary>
    AfterCommit,

    /// <summary>It fails as when its answer did not come in time, and does its work when <see cref="FaultyStorage.ReleaseAsync"/> lets it.</summary>
    Late,

    /// <summary>It succeeds after a while.</summary>
    Slow,

    /// <summary>It fails as when another writer was first.</summary>
    Conflict,

    /// <summary>It does nothing, and neither does any call after it: the process is dead.</summary>
    CrashBefore,

    /// <summary>It does its work, and no call after it does: the process is dead.</summary>
    CrashAfterCommit,
}

/// <summary>A storage that fails as it is told, and calls <see cref="BeforeCall"/> before each call, which may wait.</summary>
public sealed class FaultyStorage(IGrainStorage inner) : IGrainStorage
{
    private static readonly TimeSpan While = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<Func<Task>> _late = [];
    private int _calls;
    private volatile bool _dead;

    /// <summary>The fault of the n-th call, counted from 0.</summary>
    public Func<int, string, Fault> FaultOf { get; set; } = (_, _) => Fault.None;

    public Func<int, string, Task> BeforeCall { get; set; } = (_, _) => Task.CompletedTask;

    public int Calls => _calls;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        RunAsync($"read {stateName}", () => inner.ReadStateAsync(stateName, grainId, grainState));

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        RunAsync($"write {stateName}", () => inner.WriteStateAsync(stateName, grainId, grainState));

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        RunAsync($"clear {stateName}", () => inner.ClearStateAsync(stateName, grainId, grainState));

    /// <summary>Does what calls with <see cref="Fault.Late"/> asked for; nobody hears what becomes of it.</summary>
    public async Task ReleaseAsync()
    {
        while (_late.TryDequeue(out var call))
        {
            try
            {
                await call();
            }
            catch (InconsistentStateException)
            {
                // As it should be, where somebody was faster.
            }
        }
    }

    private async Task RunAsync(string what, Func<Task> call)
    {
        var number = Interlocked.Increment(ref _calls) - 1;
        await BeforeCall(number, what);
        var fault = _dead ? Fault.CrashBefore : FaultOf(number, what);
        _dead |= fault is Fault.CrashBefore or Fault.CrashAfterCommit;
        if (fault == Fault.Slow)
        {
            await Task.Delay(While);
        }

        if (fault == Fault.Late)
        {
            _late.Enqueue(call);
        }

        if (fault is Fault.None or Fault.Slow or Fault.AfterCommit or Fault.CrashAfterCommit)
        {
            await call();
        }

        if (fault == Fault.Conflict)
        {
            throw new InconsistentStateException($"{what}: another writer was first", "other", "known");
        }

        if (fault is not (Fault.None or Fault.Slow))
        {
            throw new IOException($"{what}: {fault}");
        }
    }
}
