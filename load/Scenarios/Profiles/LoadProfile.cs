using System.Collections.Immutable;
using Vallum.Scenarios.Grounds;

namespace Vallum.Scenarios.Profiles;

/// <summary>How much is done, for how long, in how large a world. A file of load/profiles; every driver reads the same.</summary>
/// <param name="Name">One word.</param>
/// <param name="WarmUp">At the first stage's rate, before the stages; nothing of it is counted. Default 2 s.</param>
/// <param name="MostOpen">Operations under way at most; what is due beyond that waits, and its wait is counted. 1 to 100,000, default 10,000.</param>
public sealed record LoadProfile(string Name, ulong Seed, TimeSpan WarmUp, ImmutableArray<LoadStage> Stages, Sizes Sizes, int MostOpen)
{
    public TimeSpan Duration => Stages.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Duration);

    public bool Equals(LoadProfile? other) =>
        other is not null && (Name, Seed, WarmUp, Sizes, MostOpen) == (other.Name, other.Seed, other.WarmUp, other.Sizes, other.MostOpen) && Stages.SequenceEqual(other.Stages);

    public override int GetHashCode() => HashCode.Combine(Name, Seed, WarmUp, Sizes, MostOpen, Stages.Length);
}

/// <param name="Rate">Operations a second; above 0, at most 100,000.</param>
/// <param name="Ramp">The rate goes evenly from that of the stage before (the first: from 0) to this one.</param>
public sealed record LoadStage(double Rate, TimeSpan Duration, bool Ramp = false);
