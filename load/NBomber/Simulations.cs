using NBomber.Contracts;
using NBomber.CSharp;
using Vallum.Scenarios.Profiles;

namespace Vallum.NBomberDriver;

/// <summary>A profile's stages in NBomber's words.</summary>
internal static class Simulations
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public static IEnumerable<LoadSimulation> Of(LoadProfile profile) => profile.Stages.Select(stage =>
    {
        // NBomber's rates are whole; below one a second, the interval is longer.
        var (rate, interval) = stage.Rate >= 1 ? ((int)Math.Round(stage.Rate), Second) : (1, Second / stage.Rate);
        return stage.Ramp
            ? Simulation.RampingInject(rate: rate, interval: interval, during: stage.Duration)
            : Simulation.Inject(rate: rate, interval: interval, during: stage.Duration);
    });
}
