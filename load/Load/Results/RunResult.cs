using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Vallum.Load.Reports;
using Vallum.Scenarios;

namespace Vallum.Load.Results;

/// <summary>A run as its file keeps it. Times are milliseconds, memory is MiB.</summary>
/// <param name="Schema">Of the file: <see cref="CurrentSchema"/>; one that means something else has another number.</param>
/// <param name="Driver">"open-loop" or "nbomber".</param>
/// <param name="Machine">With the date and what else ran, in a line.</param>
/// <param name="Faults">What the scenario found wrong at the end; with any, the figures are of no use.</param>
/// <param name="Errors">Operations that failed, by code.</param>
/// <param name="Kinds">Of a scenario that does several things: each for itself.</param>
/// <param name="Silos">Null: they run elsewhere.</param>
/// <param name="Curve">Latencies at rising percentiles.</param>
internal sealed record RunResult(
    int Schema,
    string Driver,
    string Scenario,
    string Target,
    ProfileResult Profile,
    DateTimeOffset Started,
    Hardware Hardware,
    string Machine,
    ImmutableArray<string> Faults,
    OperationsResult All,
    ImmutableArray<OperationsResult> Kinds,
    ImmutableSortedDictionary<string, long> Errors,
    UsageResult? Silos,
    UsageResult Driving,
    ImmutableArray<IntervalResult> Intervals,
    ImmutableArray<PercentileResult> Curve,
    ImmutableArray<Figure> Figures)
{
    public const int CurrentSchema = 1;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // "n/a" would not be a number: what was never measured is null, not NaN.
        NumberHandling = JsonNumberHandling.Strict,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <exception cref="InvalidDataException">It is no result, or one of another schema.</exception>
    public static RunResult FromJson(string json)
    {
        try
        {
            var schema = JsonDocument.Parse(json).RootElement.TryGetProperty("schema", out var found) && found.TryGetInt32(out var number) ? number : 0;
            return schema == CurrentSchema
                ? JsonSerializer.Deserialize<RunResult>(json, Options) ?? throw new InvalidDataException("the file is empty")
                : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"its schema is {schema}; this program reads {CurrentSchema}"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"it is no result of a run: {exception.Message}", exception);
        }
    }
}

/// <param name="Text">The whole profile in a line, to tell if two runs had the same.</param>
internal sealed record ProfileResult(string Name, string Text, double WarmUpSeconds, double Seconds);

/// <param name="Kind">Empty: all.</param>
/// <param name="Done">Operations that went well; percentiles are of these.</param>
/// <param name="PerSecond">Of those.</param>
/// <param name="Latency">From the intended start.</param>
/// <param name="Service">From the real start.</param>
internal sealed record OperationsResult(string Kind, long Done, long Errors, double PerSecond, LatencyResult Latency, LatencyResult Service);

internal sealed record LatencyResult(double P50, double P90, double P99, double P999, double Max);

/// <param name="Cores">Processors in use on average.</param>
/// <param name="MillisecondsPerOperation">Processor time.</param>
/// <param name="PeakMemory">Resident, together.</param>
internal sealed record UsageResult(double Cores, double MillisecondsPerOperation, double PeakMemory);

/// <param name="From">Seconds since the end of the warm-up.</param>
/// <param name="Due">Operations a second that should have started in it; latencies are of these, by their intended start.</param>
/// <param name="Done">Operations a second that ended well in it.</param>
/// <param name="Errors">Operations that failed in it.</param>
/// <param name="P50">Null: none that should have started in it went well.</param>
internal sealed record IntervalResult(
    double From, double Seconds, double Due, double Done, long Errors, double? P50, double? P90, double? P99, double? Max, double? SiloCores, double? SiloMemory);

/// <param name="Percentile">0 to 100.</param>
internal sealed record PercentileResult(double Percentile, double Milliseconds);
