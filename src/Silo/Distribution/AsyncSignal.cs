namespace Vallum.Silo.Distribution;

/// <summary>Something has happened, once or often, since the last wait. One waits; any may set.</summary>
internal sealed class AsyncSignal(TimeProvider time)
{
    private volatile TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => _set.TrySetResult();

    /// <summary>Returns when set, and then starts anew; or after <paramref name="atMost"/> (<see cref="Timeout.InfiniteTimeSpan"/>: only then). Does not throw when cancelled: the caller looks.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var task = _set.Task;
        if (!task.IsCompleted && atMost != TimeSpan.Zero)
        {
            await task.WaitAsync(atMost, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // Set between the look and the change would be a second setting of what is already set: the caller looks at the state after this.
        if (_set.Task.IsCompleted)
        {
            _set = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
