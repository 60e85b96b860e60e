using System.Globalization;
using System.Runtime.InteropServices;

namespace Vallum.Load.Reports;

/// <summary>Where and when figures were measured, in one line: without it they say little.</summary>
internal static class Machine
{
    public static string Describe(TimeProvider time) => string.Create(
        CultureInfo.InvariantCulture,
        $"{time.GetUtcNow():yyyy-MM-dd}, {Hardware()}; load average before the run {Load()}");

    public static Hardware Hardware() => new(Environment.ProcessorCount, Processor(), Memory(), RuntimeInformation.OSDescription.Trim(), Environment.Version.ToString());

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(": ", 2)[1] ?? "unknown";

    private static long Memory() => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];
}
