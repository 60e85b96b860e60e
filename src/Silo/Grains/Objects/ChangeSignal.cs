namespace Vallum.Silo.Grains.Objects;

/// <summary>Wakes everybody who waits, each time that something happens. Look at <see cref="Next"/> first, at what there is second, and wait third: nothing is missed.</summary>
internal sealed class ChangeSignal
{
    private volatile TaskCompletionSource _next = New();

    /// <summary>Completes at the next <see cref="Raise"/>.</summary>
    public Task Next => _next.Task;

    public void Raise() => Interlocked.Exchange(ref _next, New()).SetResult();

    /// <summary>Waits for <paramref name="change"/>, for a time, or for a cancellation, whichever comes first; none of them is an exception.</summary>
    /// <returns>Whether the change came.</returns>
    public static async Task<bool> WaitAsync(Task change, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero || cancellationToken.IsCancellationRequested)
        {
            return change.IsCompleted;
        }

        // Every idle poll ends by its time: an exception thrown for each would be most of a silo's idle work.
        await change.WaitAsync(wait, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return change.IsCompleted;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
