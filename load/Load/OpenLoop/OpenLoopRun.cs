using Vallum.Scenarios;

namespace Vallum.Load.OpenLoop;

/// <summary>An operation that is over.</summary>
/// <param name="Intended">When it should have started, since the run's start.</param>
/// <param name="Latency">From then to its end: what a caller waited who came at that time, also where the driver or the operations before held it up.</param>
/// <param name="Service">From its real start to its end.</param>
internal readonly record struct Completion(TimeSpan Intended, TimeSpan Latency, TimeSpan Service, Outcome Outcome);

/// <summary>
/// Starts operations when they are due, whatever became of those before: the world does not wait either. A driver that waits for an answer before the next
/// question leaves out just the questions that would have been slow.
/// </summary>
internal sealed class OpenLoopRun(Schedule schedule, IPace pace, int mostOpen, Func<long, CancellationToken, Task<Outcome>> operation, Action<Completion> over)
{
    private long _started;
    private long _ended;

    /// <summary>Operations under way.</summary>
    public long Open => Interlocked.Read(ref _started) - Interlocked.Read(ref _ended);

    /// <summary>Returns when the last operation is over.</summary>
    /// <exception cref="Exception">An operation's own; the first of them, and no more are started.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var failing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var room = new SemaphoreSlim(mostOpen, mostOpen);
        Exception? failure = null;
        try
        {
            for (var next = 0L; next < schedule.Count; next++)
            {
                var (number, intended) = (next, schedule.StartOf(next));
                await room.WaitAsync(failing.Token);
                await DueAsync(intended);
                Interlocked.Increment(ref _started);
                // The pool's threads do the work: this one keeps the time.
                _ = Task.Run(() => RunOnceAsync(number, intended), CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (failure is not null)
        {
            // Told below.
        }

        // Those that are under way give back their room, each.
        for (var taken = 0; taken < mostOpen; taken++)
        {
            await room.WaitAsync(cancellationToken);
        }

        if (failure is not null)
        {
            throw new InvalidOperationException($"an operation failed in a way that its scenario does not know: {failure.Message}", failure);
        }

        async ValueTask DueAsync(TimeSpan intended)
        {
            try
            {
                await pace.UntilAsync(intended, failing.Token);
            }
            catch
            {
                room.Release();
                throw;
            }
        }

        async Task RunOnceAsync(long number, TimeSpan intended)
        {
            var begun = pace.Now;
            try
            {
                var outcome = await operation(number, failing.Token);
                var end = pace.Now;
                over(new Completion(intended, end - intended, end - begun, outcome));
            }
            catch (Exception exception)
            {
                if (Interlocked.CompareExchange(ref failure, exception, null) is null)
                {
                    await failing.CancelAsync();
                }
            }
            finally
            {
                Interlocked.Increment(ref _ended);
                room.Release();
            }
        }
    }
}
