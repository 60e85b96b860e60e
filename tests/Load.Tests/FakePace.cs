using Vallum.Load.OpenLoop;

namespace Vallum.Load.Tests;

/// <summary>A clock that nobody waits for: it is at once where it should be.</summary>
internal sealed class FakePace : IPace
{
    private readonly Lock _gate = new();
    private TimeSpan _now;

    public TimeSpan Now
    {
        get
        {
            lock (_gate)
            {
                return _now;
            }
        }
    }

    public void Advance(TimeSpan by)
    {
        lock (_gate)
        {
            _now += by;
        }
    }

    public ValueTask UntilAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            _now = time > _now ? time : _now;
        }

        return ValueTask.CompletedTask;
    }
}
