using System.Diagnostics;
using Vallum.Chaos.Agents;
using Vallum.Chaos.Judging;
using Vallum.Chaos.Processes;
using Vallum.Chaos.Schedules;
using Vallum.Chaos.Writing;
using Vallum.Contracts.Api.V1;

namespace Vallum.Chaos;

/// <summary>Runs a cluster under writes and faults, lets it heal, and judges it.</summary>
internal static class ChaosRun
{
    private static readonly TimeSpan StartWithin = TimeSpan.FromSeconds(60);

    public static async Task<ChaosOutcome> RunAsync(ChaosPlan plan, Action<string> log, CancellationToken cancellationToken)
    {
        var journals = Enumerable.Range(0, plan.World.Tenants).Select(tenant => new Journal(tenant)).ToList();
        var cluster = await SiloCluster.StartAsync(plan.Backend, ChaosPlan.Silos, cancellationToken);
        IReadOnlyList<string> faults = ["the run was broken off"];
        try
        {
            using var api = new ApiClient(cluster.Addresses, 0);
            var writers = journals.Select(journal => new TenantWriter(plan.World, journal, cluster.Addresses, "run")).ToList();
            await using var fleet = new Fleet(plan.World, cluster.Addresses);
            await BeginAsync(plan, api, writers, fleet, cancellationToken);
            await WriteThroughAsync(plan, cluster, fleet, writers, log, cancellationToken);
            await cluster.ReadyAsync(cancellationToken);
            faults = await new Judge(plan.World, journals, api).FaultsAsync(fleet, cancellationToken);
            writers.ForEach(writer => writer.Dispose());
            return new ChaosOutcome(
                faults,
                journals.Sum(journal => journal.Answered),
                journals.Sum(journal => journal.UnknownAdditions.Count),
                writers.Sum(writer => writer.Retries),
                fleet.Streams,
                fleet.Agents.Sum(agent => agent.Agent.Updates),
                fleet.Resent,
                cluster.Silos.Sum(silo => silo.Failures),
                faults.Count == 0 ? null : cluster.Folder);
        }
        finally
        {
            await cluster.DisposeAsync();
            if (faults.Count == 0)
            {
                Directory.Delete(cluster.Folder, recursive: true);
            }
            else
            {
                log($"logs of all processes: {cluster.Folder}");
            }
        }
    }

    private static async Task BeginAsync(ChaosPlan plan, ApiClient api, List<TenantWriter> writers, Fleet fleet, CancellationToken cancellationToken)
    {
        await api.ApplyAsync(new ApplyRequest { Objects = { plan.World.Cluster() }, RequestId = "begin" }, cancellationToken);
        await Task.WhenAll(writers.Select(writer => writer.BeginAsync(cancellationToken)));
        fleet.Start();
        var start = Stopwatch.GetTimestamp();
        while (fleet.Behind(new Dictionary<string, int>()).FirstOrDefault() is { } behind)
        {
            if (Stopwatch.GetElapsedTime(start) > StartWithin)
            {
                throw new TimeoutException($"not all agents were in sync within {StartWithin.TotalSeconds} s of the start: {behind}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    private static async Task WriteThroughAsync(
        ChaosPlan plan, SiloCluster cluster, Fleet fleet, List<TenantWriter> writers, Action<string> log, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = writers.Select(writer => writer.WriteAsync(plan.Pace, stop.Token, cancellationToken))
            .Concat(writers.Select(writer => writer.AddAsync(plan.Pace * 5, stop.Token, cancellationToken))).ToList();
        var faults = new Faults(cluster, fleet, log);
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(plan.Schedule.Faults.Select(fault => faults.InjectAsync(fault, cancellationToken)));
        var left = plan.Duration - Stopwatch.GetElapsedTime(start);
        await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken);
        await stop.CancelAsync();
        await Task.WhenAll(writing);
    }
}
