using System.Globalization;

namespace Vallum.Chaos.Schedules;

/// <summary>What is done to a part of the cluster.</summary>
internal enum FaultKind
{
    /// <summary>A silo: kill -9, and started again after the time.</summary>
    Kill,

    /// <summary>A silo: SIGSTOP, and SIGCONT after the time. Long enough, and the others have declared it dead: it wakes as a zombie.</summary>
    Freeze,

    /// <summary>A silo: SIGTERM, and started again the time after it has ended.</summary>
    Stop,

    /// <summary>The storage's server: kill -9, and started again after the time. Nothing with SQLite.</summary>
    Storage,

    /// <summary>A tenth of the agents: their streams are cut, and they may connect again after the time.</summary>
    Cut,
}

/// <summary>One fault: "4.5 kill 1 for 2" of a schedule.</summary>
/// <param name="At">Since the start.</param>
/// <param name="Target">Which silo, or which tenth of the agents; storage: 0.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, int Target, TimeSpan For)
{
    /// <exception cref="FormatException">It is no fault.</exception>
    public static Fault Parse(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries) switch
    {
        [var at, var kind, var target, "for", var duration] => new Fault(
            Seconds(at), Enum.Parse<FaultKind>(kind, ignoreCase: true), int.Parse(target, CultureInfo.InvariantCulture), Seconds(duration)),
        _ => throw new FormatException($"'{text}' is no fault: write such as '4.5 kill 1 for 2'"),
    };

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{At.TotalSeconds:0.0} {Kind.ToString().ToLowerInvariant()} {Target} for {For.TotalSeconds:0.0}");

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
}
