using System.Diagnostics;

namespace Vallum.Lab.Probing;

/// <summary>
/// The same probe again and again at an even pace, each a new connection or flow that is tried once, to see what a change or a restart
/// does to traffic meanwhile.
/// </summary>
public sealed class SteadyFlow : IAsyncDisposable
{
    private readonly Prober _prober;
    private readonly Probe _probe;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<IReadOnlyList<FlowAttempt>> _running;
    private int _answered;

    /// <param name="interval">From one attempt to the next, 2 ms or more.</param>
    /// <param name="timeout">How long each attempt may take.</param>
    internal SteadyFlow(Prober prober, Probe probe, TimeSpan interval, TimeSpan timeout)
    {
        _prober = prober;
        _probe = probe;
        _interval = interval;
        _timeout = timeout;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Attempts answered so far.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Sends no more, waits for the attempts under way, and tells what became of all.</summary>
    public async Task<FlowReport> StopAsync()
    {
        await _stop.CancelAsync();
        return new FlowReport(_probe, await _running);
    }

    /// <summary>Not the source of the token: the lab may dispose the flow a second time, and it holds nothing that needs to be freed.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task<IReadOnlyList<FlowAttempt>> RunAsync()
    {
        List<Task<FlowAttempt>> attempts = [];
        var clock = Stopwatch.StartNew();
        while (!_stop.IsCancellationRequested)
        {
            attempts.Add(AttemptAsync(clock.Elapsed));
            // After the schedule, not after the last attempt: a late timer is caught up with.
            var wait = (_interval * attempts.Count) - clock.Elapsed;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        return await Task.WhenAll(attempts);
    }

    private async Task<FlowAttempt> AttemptAsync(TimeSpan at)
    {
        var result = await _prober.ProbeOnceAsync(_probe, _timeout, CancellationToken.None);
        if (result.Outcome == ProbeOutcome.Allowed)
        {
            Interlocked.Increment(ref _answered);
        }
        return new FlowAttempt(at, result);
    }
}
