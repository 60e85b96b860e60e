using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Api.V1;

namespace Vallum.Cli.Output;

/// <summary>Counts, sizes and rates as people read them.</summary>
internal static class Figures
{
    /// <summary>"-": nobody counts it. A "+": some nodes enforce it without counting it.</summary>
    public static string Packets(PolicyHits? hits) => hits is { HasPackets: true } ? Count(hits.Packets) + Partly(hits) : "-";

    /// <inheritdoc cref="Packets"/>
    public static string Bytes(PolicyHits? hits) => hits is { HasBytes: true } ? Size(hits.Bytes) + Partly(hits) : "-";

    public static string Count(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>"512 B", "1.2 MB": powers of 1000.</summary>
    public static string Size(double bytes)
    {
        string[] units = ["B", "kB", "MB", "GB", "TB", "PB"];
        var unit = 0;
        for (; bytes >= 1000 && unit < units.Length - 1; unit++)
        {
            bytes /= 1000;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? Math.Round(bytes) : bytes):0.#} {units[unit]}");
    }

    public static string Rate(double packets) => string.Create(CultureInfo.InvariantCulture, $"{packets:0.#}/s");

    public static string SizeRate(double bytes) => $"{Size(bytes)}/s";

    /// <summary>"12s", "3h"; "-" for never.</summary>
    public static string Ago(Timestamp? time)
    {
        if (time is null)
        {
            return "-";
        }

        var seconds = Math.Round((DateTime.UtcNow - time.ToDateTime()).TotalSeconds);
        return seconds < 1 ? "now" : Durations.Write(TimeSpan.FromSeconds(seconds));
    }

    private static string Partly(PolicyHits hits) => hits.NodesMerged > 0 ? "+" : "";
}
