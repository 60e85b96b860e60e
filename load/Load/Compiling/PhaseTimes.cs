using System.Diagnostics;

namespace Vallum.Load.Compiling;

/// <summary>Time that threads were in the parts of the work, all threads together. Guarded by its user's lock.</summary>
internal sealed class PhaseTimes
{
    private long _compiling;
    private long _encoding;
    private long _publishing;

    public TimeSpan Compiling => Of(_compiling);

    public TimeSpan Encoding => Of(_encoding);

    /// <summary>In the hub, one thread at a time.</summary>
    public TimeSpan Publishing => Of(_publishing);

    /// <summary>In ticks of <see cref="Stopwatch"/>.</summary>
    public void Add(long compiling, long encoding, long publishing) =>
        (_compiling, _encoding, _publishing) = (_compiling + compiling, _encoding + encoding, _publishing + publishing);

    private static TimeSpan Of(long ticks) => Stopwatch.GetElapsedTime(0, ticks);
}
