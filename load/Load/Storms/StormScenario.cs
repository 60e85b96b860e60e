using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vallum.Chaos.Processes;
using Vallum.Chaos.Worlds;
using Vallum.Load.Measuring;
using Vallum.Load.Outages;

namespace Vallum.Load.Storms;

/// <summary>A third of many agents loses its silo at one moment. What the two others have to bear, and who else notices.</summary>
internal sealed class StormScenario(Backend backend, int agents)
{
    /// <summary>Between two changes of a tenant; each reaches the twentieth of the agents.</summary>
    private static readonly TimeSpan ChangePace = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);

    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        await using var site = await OutageSite.StartAsync(backend, new World(Tenants: 40, agents), ChangePace, cancellationToken);
        await site.SettleAsync(cancellationToken);
        var survivors = site.Cluster.Silos.Skip(1).ToList();

        var before = Reset(site, survivors);
        await Task.Delay(Calm, cancellationToken);
        var calm = Row("5 s before", site, survivors, before, Calm);

        var lost = site.Fleet.Agents.Count(agent => agent.ConnectedTo == site.Cluster.Silos[0].Address);
        before = Reset(site, survivors);
        var start = Stopwatch.GetTimestamp();
        site.Cluster.Silos[0].Kill();
        var arrivals = (await site.ArrivalsAsync(cancellationToken)).Select(arrival => arrival.TotalSeconds).Order().ToArray();
        var storm = Row("until all are in sync", site, survivors, before, Stopwatch.GetElapsedTime(start));

        before = Reset(site, survivors);
        await Task.Delay(Calm, cancellationToken);
        var after = Row("5 s after", site, survivors, before, Calm);
        return new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture,
                $"{agents} agents on three silos, {lost} of them on the one that is killed. In sync again: p50 {Spread.At(arrivals, 0.5):0.0} s, p99 {Spread.At(arrivals, 0.99):0.0} s, the last {arrivals[^1]:0.0} s; resent though equal: {site.Fleet.Resent}.")
            .AppendLine()
            .AppendLine("| | survivors' processors, cores | survivors' memory, MiB | API writes, p50, ms | p99, ms | longest, ms |")
            .AppendLine("|---|---|---|---|---|---|")
            .AppendLine(calm).AppendLine(storm).AppendLine(after).ToString();
    }

    private static List<SiloUsage> Reset(OutageSite site, List<SiloServer> silos)
    {
        foreach (var pulse in site.PulseWriters)
        {
            pulse.Reset();
        }

        return Usage(silos);
    }

    private static List<SiloUsage> Usage(List<SiloServer> silos) => [.. silos.Select(silo => SiloUsage.Of(silo.ProcessId ?? throw new InvalidOperationException($"silo {silo.Number} has ended")))];

    private static string Row(string what, OutageSite site, List<SiloServer> silos, List<SiloUsage> before, TimeSpan elapsed)
    {
        var after = Usage(silos);
        var cores = after.Zip(before, (now, then) => (now.Processor - then.Processor) / elapsed);
        var writes = new Latency();
        foreach (var duration in site.PulseWriters.SelectMany(pulse => pulse.Durations))
        {
            writes.Add(duration);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {string.Join(", ", cores.Select(share => share.ToString("0.00", CultureInfo.InvariantCulture)))} | {string.Join(", ", after.Select(usage => usage.Memory.ToString("0", CultureInfo.InvariantCulture)))} | {writes.Columns("0")} |");
    }
}
