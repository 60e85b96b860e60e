using System.Diagnostics;
using System.Globalization;
using HdrHistogram;

namespace Vallum.Load.Measuring;

/// <summary>Durations, kept in microseconds to three digits, at most ten minutes each: longer ones are ten minutes.</summary>
/// <param name="digits">1 to 5; each further one takes ten times the memory.</param>
internal sealed class Latency(int digits = 3)
{
    private const long Longest = 600_000_000;

    private readonly LongHistogram _histogram = new(1, Longest, digits);

    public long Count => _histogram.TotalCount;

    public double P50 => Milliseconds(50);

    public double P90 => Milliseconds(90);

    public double P99 => Milliseconds(99);

    public double P999 => Milliseconds(99.9);

    public double Max => Milliseconds(100);

    public void Clear() => _histogram.Reset();

    public void Add(TimeSpan duration) => _histogram.RecordValue(Math.Clamp((long)duration.TotalMicroseconds, 1, Longest));

    /// <summary>Since a timestamp of <see cref="Stopwatch"/>.</summary>
    public void AddSince(long start) => Add(Stopwatch.GetElapsedTime(start));

    /// <summary>"p50 | p99 | max" in milliseconds.</summary>
    public string Columns(string format) => string.Join(" | ", new[] { P50, P99, Max }.Select(value => value.ToString(format, CultureInfo.InvariantCulture)));

    /// <summary>Of nothing: 0.</summary>
    /// <param name="percentile">0 to 100.</param>
    public double Milliseconds(double percentile) => Count == 0 ? 0 : _histogram.GetValueAtPercentile(percentile) / 1000.0;
}
