namespace Vallum.Lab.Probing;

/// <summary>What became of a probe.</summary>
public enum ProbeOutcome
{
    /// <summary>The host that owns the address answered.</summary>
    Allowed,

    /// <summary>No answer in time.</summary>
    Blocked,

    /// <summary>Something said no at once: a closed port, or a rule that rejects.</summary>
    Refused,

    /// <summary>None of these, such as no route, the wrong host answering, or a connection that falls silent.</summary>
    Error,
}

/// <summary>The outcome of a probe, and in words what was seen.</summary>
public sealed record ProbeResult(ProbeOutcome Outcome, string Seen)
{
    public static ProbeResult Silence { get; } = new(ProbeOutcome.Blocked, "no answer");

    public override string ToString() => $"{Outcome}: {Seen}";

    /// <summary>Judges who answered against who should have.</summary>
    /// <param name="answered">The name in the answer.</param>
    /// <param name="owner">The host that owns the probed address; null if none of the lab does.</param>
    internal static ProbeResult AnsweredBy(string answered, string? owner) =>
        answered == owner
            ? new ProbeResult(ProbeOutcome.Allowed, $"{answered} answered")
            : new ProbeResult(ProbeOutcome.Error, $"{answered} answered in place of {owner ?? "nobody"}");
}
