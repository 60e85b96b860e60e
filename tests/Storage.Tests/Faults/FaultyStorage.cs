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

    private async Task RunAsync(string what, Func<Task> call)
    {
        var number = Interlocked.Increment(ref _calls) - 1;
        await BeforeCall(number, what);
        var fault = _dead ? Fault.CrashBefore : FaultOf(number, what);
        _dead |= fault is Fault.CrashBefore or Fault.CrashAfterCommit;
        if (fault is Fault.None or Fault.AfterCommit or Fault.CrashAfterCommit)
        {
            await call();
        }

        if (fault == Fault.Conflict)
        {
            throw new InconsistentStateException($"{what}: another writer was first", "other", "known");
        }

        if (fault != Fault.None)
        {
            throw new IOException($"{what}: {fault}");
        }
    }
}
