using Vallum.Chaos.Processes;
using Vallum.Chaos.Schedules;
using Vallum.Chaos.Worlds;

namespace Vallum.Chaos;

/// <summary>A run from its first write to its verdict.</summary>
/// <param name="Duration">Of the writes and faults; the start before it and the verdict after it take a quarter of a minute.</param>
/// <param name="Pace">Between two generations of one tenant.</param>
internal sealed record ChaosPlan(Backend Backend, World World, Schedule Schedule, TimeSpan Duration, TimeSpan Pace)
{
    public const int Silos = 3;
}
