using System.Globalization;

namespace Vallum.Load.Running;

/// <summary>What a silo had counted at one moment, since it started.</summary>
/// <param name="RowWrites">Rows of grain storage.</param>
/// <param name="Bytes">Of resources, on all streams.</param>
/// <param name="Updates">Messages to agents that hold resources.</param>
/// <param name="Whole">Resources sent whole.</param>
/// <param name="Deltas">Resources sent as differences.</param>
/// <param name="Removed">Resources that agents were told to drop.</param>
/// <param name="CompileSeconds">From commits to their encoded differences, in sum.</param>
/// <param name="AckSeconds">From the last byte of an update to its ack, in sum; <paramref name="Acks"/> of them.</param>
internal readonly record struct Counters(
    double RowWrites, double Bytes, double Updates, double Whole, double Deltas, double Removed, double CompileSeconds, double AckSeconds, double Acks)
{
    public static Counters operator -(Counters after, Counters before) => new(
        after.RowWrites - before.RowWrites,
        after.Bytes - before.Bytes,
        after.Updates - before.Updates,
        after.Whole - before.Whole,
        after.Deltas - before.Deltas,
        after.Removed - before.Removed,
        after.CompileSeconds - before.CompileSeconds,
        after.AckSeconds - before.AckSeconds,
        after.Acks - before.Acks);

    /// <summary>Reads the text that Prometheus is given.</summary>
    public static Counters Parse(string metrics)
    {
        var lines = metrics.Split('\n');
        return new Counters(
            Sum("vallum_storage_row_writes"),
            Sum("vallum_agent_update_bytes"),
            Sum("vallum_agent_updates"),
            Sum("vallum_agent_resources", "form=\"whole\""),
            Sum("vallum_agent_resources", "form=\"delta\""),
            Sum("vallum_agent_resources", "form=\"removed\""),
            Sum("vallum_compile_duration_seconds_sum"),
            Sum("vallum_agent_ack_latency_seconds_sum"),
            Sum("vallum_agent_ack_latency_seconds_count"));

        // A counter's name may have its unit and "_total" behind it, and then come the labels or the value.
        double Sum(string name, string label = "") => lines
            .Where(line => IsOf(name, line) && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(ValueOf(line), CultureInfo.InvariantCulture));
    }

    private static bool IsOf(string name, string line) =>
        line.StartsWith(name, StringComparison.Ordinal) && NameOf(line)[name.Length..] is "" or "_total" or "_rows_total" or "_bytes_total";

    private static string NameOf(string line) => line[..line.IndexOfAny(['{', ' '])];

    private static string ValueOf(string line) =>
        line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0] is var value && line.Contains('}', StringComparison.Ordinal)
            ? value
            : line.Split(' ')[1];
}
