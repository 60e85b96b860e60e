using System.Diagnostics;
using System.Globalization;
using HdrHistogram;

namespace Vallum.Load.Measuring;

/// <summary>Durations, kept in microseconds to three digits, at most ten minutes each.</summary>
internal sealed class Latency
{
    private readonly LongHistogram _histogram = new(1, 600_000_000, 3);

    public long Count => _histogram.TotalCount;

    public double P50 => Milliseconds(50);

    public double P99 => Milliseconds(99);

    public double Max => Milliseconds(100);

    public void Clear() => _histogram.Reset();

    public void Add(TimeSpan duration) => _histogram.RecordValue(Math.Max(1, (long)duration.TotalMicroseconds));

    /// <summary>Since a timestamp of <see cref="Stopwatch"/>.</summary>
    public void AddSince(long start) => Add(Stopwatch.GetElapsedTime(start));

    /// <summary>"p50 | p99 | max" in milliseconds.</summary>
    public string Columns(string format) => string.Join(" | ", new[] { P50, P99, Max }.Select(value => value.ToString(format, CultureInfo.InvariantCulture)));

    private double Milliseconds(double percentile) => _histogram.GetValueAtPercentile(percentile) / 1000.0;
}
