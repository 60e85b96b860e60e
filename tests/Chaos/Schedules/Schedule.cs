using System.Collections.Immutable;

namespace Vallum.Chaos.Schedules;

/// <summary>What happens when. Written as text and read back, so that a failure can be repeated.</summary>
internal sealed record Schedule(ImmutableArray<Fault> Faults)
{
    /// <summary>Between the starts of two faults; some then overlap.</summary>
    private static readonly (double Least, double Most) Pause = (1.0, 5.0);

    /// <summary>The same for the same seed. Nothing in the last quarter of a minute, so that what the last ones break can heal while writes go on.</summary>
    public static Schedule Of(int seed, TimeSpan duration, int silos, bool storageCanFail)
    {
        var random = new Random(seed);
        var faults = ImmutableArray.CreateBuilder<Fault>();
        var busyUntil = new double[silos];
        for (var at = 1.0; at < duration.TotalSeconds - Math.Min(8, duration.TotalSeconds / 4); at += Between(Pause.Least, Pause.Most))
        {
            var silo = random.Next(silos);
            if (busyUntil[silo] > at)
            {
                // One that is down cannot be harmed: another one, so that two are down at once, or the agents.
                silo = (silo + 1) % silos;
            }

            var kind = random.Next(10) switch
            {
                < 3 => FaultKind.Kill,
                < 5 => FaultKind.Freeze,
                < 7 => FaultKind.Stop,
                7 when storageCanFail => FaultKind.Storage,
                _ => FaultKind.Cut,
            };
            if (kind is FaultKind.Kill or FaultKind.Freeze or FaultKind.Stop && busyUntil[silo] > at)
            {
                kind = FaultKind.Cut;
            }

            var lasts = kind switch
            {
                FaultKind.Kill => Between(0.2, 4),
                // Half of them wake before anybody has noticed, half as zombies.
                FaultKind.Freeze => random.Next(2) == 0 ? Between(0.3, 2.5) : Between(6, 9),
                FaultKind.Stop => Between(0, 1.5),
                FaultKind.Storage => Between(0.1, 4),
                _ => Between(0.1, 6),
            };
            faults.Add(new Fault(Seconds(at), kind, kind == FaultKind.Cut ? random.Next(10) : kind == FaultKind.Storage ? 0 : silo, Seconds(lasts)));
            if (kind is FaultKind.Kill or FaultKind.Freeze or FaultKind.Stop)
            {
                // With the time that it takes to end, to start, and to join.
                busyUntil[silo] = at + lasts + 4;
            }
        }

        return new Schedule(faults.ToImmutable());

        double Between(double least, double most) => least + (random.NextDouble() * (most - least));
    }

    public static Schedule Parse(string text) =>
        new([.. text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Fault.Parse)]);

    public override string ToString() => string.Join("; ", Faults);

    // To a tenth, as it is written.
    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Round(seconds, 1));
}
