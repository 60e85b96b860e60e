using Vallum.Workloads;

namespace Vallum.Load.Compiling;

/// <summary>What one process measured of one shape.</summary>
/// <param name="Milliseconds">From nothing until every node's resources and digest were known.</param>
/// <param name="Compiling">Of it, milliseconds that threads compiled, all threads together.</param>
/// <param name="Publishing">Of it, milliseconds in the hub, which takes one answer at a time.</param>
/// <param name="Desires">Of it, milliseconds for going through the nodes.</param>
/// <param name="HeapMiB">After a full collection, the world's objects included.</param>
/// <param name="ObjectsMiB">Of it, the objects as they were before.</param>
/// <param name="ResidentMiB">The most that the process ever took (VmHWM).</param>
internal sealed record CompileFigures(
    string Shape,
    int Tenants,
    int Endpoints,
    int Policies,
    int Nodes,
    long Resources,
    long PerNodeSum,
    double Milliseconds,
    double Compiling,
    double Encoding,
    double Publishing,
    double Desires,
    double ProcessorMilliseconds,
    double AllocatedMiB,
    double ObjectsMiB,
    double HeapMiB,
    double ResidentMiB,
    ChangeFigures[] Changes);

/// <summary>Changes of one kind. Microseconds.</summary>
/// <param name="Known">Until the difference was known.</param>
/// <param name="Published">From there until it was in the hub.</param>
/// <param name="Resources">That one change touches, on average.</param>
internal sealed record ChangeFigures(ChangeKind Kind, int Count, Quantiles Known, Quantiles Published, double Resources);

internal sealed record Quantiles(double P50, double P99, double Max)
{
    public static Quantiles Of(IEnumerable<TimeSpan> durations)
    {
        var sorted = durations.Select(duration => duration.TotalMicroseconds).Order().ToArray();
        return new Quantiles(Measuring.Spread.At(sorted, 0.5), Measuring.Spread.At(sorted, 0.99), sorted[^1]);
    }
}
