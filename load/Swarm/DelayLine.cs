namespace Vallum.Swarm;

/// <summary>Things to do a little later, of many thousands of agents, with one timer for all.</summary>
internal sealed class DelayLine : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1);

    private readonly TimeProvider _time;
    private readonly PriorityQueue<Action, long> _due = new();
    private readonly SemaphoreSlim _added = new(0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _running;

    public DelayLine(TimeProvider time)
    {
        _time = time;
        _running = RunAsync();
    }

    /// <param name="act">Must not throw, nor take long.</param>
    public void After(TimeSpan delay, Action act)
    {
        bool first;
        lock (_due)
        {
            first = _due.Count == 0;
            _due.Enqueue(act, _time.GetTimestamp() + (long)(delay.TotalSeconds * _time.TimestampFrequency));
        }

        if (first)
        {
            _added.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _added.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _added.WaitAsync(_ending.Token);
            while (RunDue())
            {
                await Task.Delay(Step, _time, _ending.Token);
            }
        }
    }

    /// <returns>False: nothing is left to wait for.</returns>
    private bool RunDue()
    {
        while (true)
        {
            Action? act;
            lock (_due)
            {
                if (!_due.TryPeek(out act, out var at))
                {
                    return false;
                }

                if (at > _time.GetTimestamp())
                {
                    return true;
                }

                _due.Dequeue();
            }

            act();
        }
    }
}
