using System.Globalization;

namespace Vallum.Load.Running;

/// <summary>What a silo's runtime says of its collector (meter System.Runtime), since it started.</summary>
internal readonly record struct RuntimeUsage(double Gen0, double Gen1, double Gen2, double PauseSeconds, double AllocatedBytes)
{
    public static RuntimeUsage operator -(RuntimeUsage after, RuntimeUsage before) => new(
        after.Gen0 - before.Gen0,
        after.Gen1 - before.Gen1,
        after.Gen2 - before.Gen2,
        after.PauseSeconds - before.PauseSeconds,
        after.AllocatedBytes - before.AllocatedBytes);

    /// <summary>Reads the text that Prometheus is given.</summary>
    public static RuntimeUsage Parse(string metrics)
    {
        var lines = metrics.Split('\n');
        return new RuntimeUsage(
            Sum("dotnet_gc_collections", "gen0"),
            Sum("dotnet_gc_collections", "gen1"),
            Sum("dotnet_gc_collections", "gen2"),
            Sum("dotnet_gc_pause_time", ""),
            Sum("dotnet_gc_heap_total_allocated", ""));

        double Sum(string name, string label) => lines
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(ValueOf(line), CultureInfo.InvariantCulture));
    }

    private static string ValueOf(string line) => line[(line.LastIndexOf('}') is var end and >= 0 ? end + 1 : line.IndexOf(' ', StringComparison.Ordinal))..].Trim().Split(' ')[0];
}
