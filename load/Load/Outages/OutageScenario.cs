using System.Diagnostics;
using System.Globalization;
using Vallum.Chaos.Processes;
using Vallum.Chaos.Worlds;

namespace Vallum.Load.Outages;

/// <summary>One kind of outage after the other, each several times on the same cluster, which is whole again before each.</summary>
/// <param name="trace">A folder for the tries of writes and the silos' logs; null: none.</param>
internal sealed class OutageScenario(Backend backend, World world, int runs, IReadOnlyList<Outage> kinds, string? trace, TextWriter progress)
{
    /// <summary>Between two changes of a tenant with nodes.</summary>
    private static readonly TimeSpan ChangePace = TimeSpan.FromMilliseconds(500);

    public async Task<IReadOnlyList<(Outage Kind, IReadOnlyList<OutageFigures> Runs)>> RunAsync(CancellationToken cancellationToken)
    {
        await using var site = await OutageSite.StartAsync(backend, world, ChangePace, cancellationToken);
        using var tries = trace is null ? null : TryLog.Into(trace, site);
        var all = new List<(Outage, IReadOnlyList<OutageFigures>)>();
        foreach (var kind in kinds)
        {
            var figures = new List<OutageFigures>();
            for (var run = 0; run < runs; run++)
            {
                await site.SettleAsync(cancellationToken);
                tries?.Note($"{kind} {run + 1}");
                figures.Add(await MeasureAsync(site, kind, run % site.Cluster.Silos.Count, cancellationToken));
                await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{kind} {run + 1}/{runs}: {figures[^1]}"));
            }

            all.Add((kind, figures));
        }

        return all;
    }

    private static async Task<OutageFigures> MeasureAsync(OutageSite site, Outage kind, int victim, CancellationToken cancellationToken)
    {
        foreach (var pulse in site.PulseWriters)
        {
            pulse.Reset();
        }

        foreach (var lag in site.Lags)
        {
            lag.Reset();
        }

        var resent = site.Fleet.Resent;
        var silo = site.Cluster.Silos[victim];
        TimeSpan inSync;
        switch (kind)
        {
            case Outage.Killed:
                silo.Kill();
                inSync = await site.InSyncAsync(cancellationToken);
                break;
            case Outage.Frozen:
                silo.Freeze();
                inSync = await site.InSyncAsync(cancellationToken);
                break;
            case Outage.Stopped:
                var stopping = silo.StopAsync(cancellationToken);
                inSync = await site.InSyncAsync(cancellationToken);
                await stopping;
                break;
            case Outage.Rolling:
                foreach (var one in site.Cluster.Silos)
                {
                    await one.StopAsync(cancellationToken);
                    one.Start();
                    await one.ReadyAsync(cancellationToken);
                }

                inSync = await site.InSyncAsync(cancellationToken);
                break;
            default:
                var redis = site.Cluster.Redis ?? throw new InvalidOperationException("SQLite has no server that could be killed.");
                redis.Kill();
                var start = Stopwatch.GetTimestamp();
                await redis.StartAsync(cancellationToken);
                inSync = Stopwatch.GetElapsedTime(start) + await site.InSyncAsync(cancellationToken);
                break;
        }

        // A tenant that is still out of reach has its gap open.
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        var figures = new OutageFigures(
            site.PulseWriters.Max(pulse => pulse.LongestGap),
            inSync,
            site.Lags.Max(lag => lag.Longest),
            site.Fleet.Resent - resent);
        await RestoreAsync(silo, kind, cancellationToken);
        return figures;
    }

    private static async Task RestoreAsync(SiloServer silo, Outage kind, CancellationToken cancellationToken)
    {
        switch (kind)
        {
            case Outage.Killed or Outage.Stopped:
                silo.Start();
                break;
            case Outage.Frozen:
                // The others have declared it dead: it learns that, ends, and is started again by its supervision.
                silo.Thaw();
                await Task.Delay(TimeSpan.FromSeconds(8), cancellationToken);
                break;
        }
    }
}
