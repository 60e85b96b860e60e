namespace Vallum.Scenarios;

/// <summary>Something that a scenario measured itself.</summary>
/// <param name="Name">Such as "change to the last agent, p99".</param>
/// <param name="Unit">Such as "ms", "KiB"; empty: a count.</param>
/// <param name="LessIsBetter">For comparisons.</param>
public sealed record Figure(string Name, double Value, string Unit, bool LessIsBetter = true);
