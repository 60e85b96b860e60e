namespace Vallum.Load.OpenLoop;

/// <summary>A clock's timers: milliseconds, good for tests.</summary>
internal sealed class ClockPace(TimeProvider time) : IPace
{
    private readonly long _start = time.GetTimestamp();

    public TimeSpan Now => time.GetElapsedTime(_start);

    public async ValueTask UntilAsync(TimeSpan until, CancellationToken cancellationToken)
    {
        var wait = until - Now;
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken);
        }
    }
}
