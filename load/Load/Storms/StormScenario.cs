using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vallum.Chaos.Agents;
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
        var (calm, idle) = Row("5 s before", site, survivors, before, Calm);

        var lost = site.Fleet.Agents.Where(agent => agent.ConnectedTo == site.Cluster.Silos[0].Address).ToList();
        before = Reset(site, survivors);
        var start = Stopwatch.GetTimestamp();
        site.Cluster.Silos[0].Kill();
        var connecting = ConnectionsAsync(lost, site.Cluster.Silos[0].Address, start, cancellationToken);
        var arrivals = (await site.ArrivalsAsync(cancellationToken)).Select(arrival => arrival.TotalSeconds).Order().ToArray();
        var elapsed = Stopwatch.GetElapsedTime(start);
        var (storm, busy) = Row("until all are in sync", site, survivors, before, elapsed);
        var connected = await connecting;

        before = Reset(site, survivors);
        await Task.Delay(Calm, cancellationToken);
        var (after, _) = Row("5 s after", site, survivors, before, Calm);
        return new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture,
                $"{agents} agents on three silos, {lost.Count} of them on the one that is killed. Connected again: p50 {Spread.At(connected, 0.5):0.0} s, the last {connected[^1]:0.0} s. In sync again: p50 {Spread.At(arrivals, 0.5):0.0} s, p99 {Spread.At(arrivals, 0.99):0.0} s, the last {arrivals[^1]:0.0} s; resent though equal: {site.Fleet.Resent}. Processor of both survivors for each agent that came, beyond what they use anyway: {(busy - idle) * elapsed.TotalMilliseconds / lost.Count:0.0} ms.")
            .AppendLine()
            .AppendLine("| | survivors' processors, cores | agents' and writers' | survivors' memory, MiB | API writes, p50, ms | p99, ms | longest, ms |")
            .AppendLine("|---|---|---|---|---|---|---|")
            .AppendLine(calm).AppendLine(storm).AppendLine(after).ToString();
    }

    /// <summary>When each has an answer of another silo; seconds, sorted.</summary>
    private static async Task<double[]> ConnectionsAsync(List<FleetAgent> lost, Uri gone, long start, CancellationToken cancellationToken)
    {
        var connected = new List<double>(lost.Count);
        var waiting = lost.ToList();
        while (waiting.Count > 0)
        {
            var came = waiting.RemoveAll(agent => agent.ConnectedTo is { } silo && silo != gone);
            connected.AddRange(Enumerable.Repeat(Stopwatch.GetElapsedTime(start).TotalSeconds, came));
            await Task.Delay(10, cancellationToken);
        }

        return [.. connected];
    }

    private static List<SiloUsage> Reset(OutageSite site, List<SiloServer> silos)
    {
        foreach (var pulse in site.PulseWriters)
        {
            pulse.Reset();
        }

        return Usage(silos);
    }

    /// <summary>Of the silos, and last of this process.</summary>
    private static List<SiloUsage> Usage(List<SiloServer> silos) => [SiloUsage.Of(Environment.ProcessId), .. silos.Select(silo => SiloUsage.Of(silo.ProcessId ?? throw new InvalidOperationException($"silo {silo.Number} has ended")))];

    /// <returns>A line of the table, and the cores that the silos used.</returns>
    private static (string Line, double Cores) Row(string what, OutageSite site, List<SiloServer> silos, List<SiloUsage> before, TimeSpan elapsed)
    {
        var after = Usage(silos);
        var cores = after.Zip(before, (now, then) => (now.Processor - then.Processor) / elapsed).ToList();
        var writes = new Latency();
        foreach (var duration in site.PulseWriters.SelectMany(pulse => pulse.Durations))
        {
            writes.Add(duration);
        }

        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"| {what} | {Words(cores.Skip(1), "0.00")} | {cores[0]:0.00} | {Words(after.Skip(1).Select(usage => usage.Memory), "0")} | {writes.Columns("0")} |");
        return (line, cores.Skip(1).Sum());
    }

    private static string Words(IEnumerable<double> figures, string format) =>
        string.Join(", ", figures.Select(figure => figure.ToString(format, CultureInfo.InvariantCulture)));
}
