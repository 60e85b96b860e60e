using System.Diagnostics;

namespace Vallum.Load.Outages;

/// <summary>How long acknowledged changes of one tenant take to the agents.</summary>
internal sealed class UpdateLag
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _answered = [];
    private TimeSpan _longest;

    public TimeSpan Longest
    {
        get
        {
            lock (_gate)
            {
                return _longest;
            }
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _longest = TimeSpan.Zero;
        }
    }

    public void Answered(int generation, long at)
    {
        lock (_gate)
        {
            _answered[generation] = at;
        }
    }

    /// <summary>An agent that held one generation now holds another: the first one after what it held is what it has waited for.</summary>
    public void Arrived(int before, int at, long when)
    {
        lock (_gate)
        {
            // What comes before its own acknowledgement is in time.
            if (at > before && _answered.TryGetValue(before + 1, out var answered) && when > answered)
            {
                var lag = Stopwatch.GetElapsedTime(answered, when);
                _longest = lag > _longest ? lag : _longest;
            }
        }
    }
}
