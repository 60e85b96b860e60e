namespace Vallum.Lab.Probing;

/// <summary>One attempt of a steady flow.</summary>
/// <param name="At">Since the flow began.</param>
public sealed record FlowAttempt(TimeSpan At, ProbeResult Result);

/// <summary>What became of a steady flow, attempt by attempt in the order they were made.</summary>
public sealed class FlowReport(Probe probe, IReadOnlyList<FlowAttempt> attempts)
{
    public IReadOnlyList<FlowAttempt> Attempts => attempts;

    /// <summary>The attempts that were not answered: harm, where the flow should pass.</summary>
    public IReadOnlyList<FlowAttempt> Lost { get; } = [.. attempts.Where(attempt => attempt.Result.Outcome != ProbeOutcome.Allowed)];

    /// <summary>
    /// The attempts that were answered, or went wrong, such as a connection that fell silent: harm, where the flow should be stopped. An
    /// attempt that went wrong is harm in both ways.
    /// </summary>
    public IReadOnlyList<FlowAttempt> Leaked { get; } =
        [.. attempts.Where(attempt => attempt.Result.Outcome is ProbeOutcome.Allowed or ProbeOutcome.Error)];

    /// <summary>One line: how many, how many answered, when the first and the last went unanswered.</summary>
    public override string ToString()
    {
        var lost = Lost.Count == 0
            ? ""
            : $", unanswered from {Lost[0].At.TotalMilliseconds:f0} ms ({Lost[0].Result}) to {Lost[^1].At.TotalMilliseconds:f0} ms";
        return $"{probe}: {attempts.Count} attempts, {attempts.Count - Lost.Count} answered{lost}";
    }
}
