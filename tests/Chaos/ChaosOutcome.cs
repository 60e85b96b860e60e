namespace Vallum.Chaos;

/// <summary>What a run has come to.</summary>
/// <param name="Faults">Empty: nothing was lost, nothing happened twice, every agent holds what it should and never held a mix.</param>
/// <param name="Folder">Logs of all processes; null: there were no faults, and it is gone.</param>
internal sealed record ChaosOutcome(
    IReadOnlyList<string> Faults, int Acknowledged, int Unknown, int Retries, int Streams, int Updates, int Resent, int SilosEndedByThemselves, string? Folder)
{
    public override string ToString() =>
        $"{Acknowledged} changes acknowledged, {Unknown} left unknown, {Retries} tries again, {Streams} streams, {Updates} updates, {Resent} resources resent, " +
        $"{SilosEndedByThemselves} silos ended by themselves, {Faults.Count} faults{(Folder is null ? "" : $"; logs in {Folder}")}" +
        string.Concat(Faults.Take(40).Select(fault => $"\n  {fault}"));
}
