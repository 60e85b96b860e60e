namespace Vallum.Silo.Distribution.Sessions;

/// <summary>How fast one agent is listened to: a burst at once, then so many messages a second. One that says more waits in its own connection.</summary>
internal sealed class Pace(int perSecond, TimeProvider time)
{
    /// <summary>A larger message counts as several.</summary>
    private const int BytesOfOne = 64 * 1024;

    /// <summary>Seconds of silence that may be caught up with.</summary>
    private const double Burst = 2;

    private double _left = perSecond * Burst;
    private long _at = time.GetTimestamp();

    public Task WaitAsync(int bytes, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        _left = Math.Min(perSecond * Burst, _left + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
        _left -= 1 + (bytes / BytesOfOne);
        return _left >= 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromSeconds(-_left / perSecond), time, cancellationToken);
    }
}
