using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Options;
using Vallum.Cluster;
using Vallum.Cluster.Status;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Sessions;

namespace Vallum.Silo.Balance;

/// <summary>
/// Lets a silo that has joined take its share: Orleans moves no activation by itself, and an agent stays where it is connected. A silo that has more than
/// the even share gives some of it, a step at a time, to those that have less. It decides about its own only, so that no two silos move the same thing.
/// </summary>
internal sealed partial class BalanceLoop(
    SiloLoads loads,
    TenantCensus tenants,
    OpenSessions sessions,
    IGrainFactory grains,
    IHostApplicationLifetime lifetime,
    IOptions<BalanceOptions> options,
    TimeProvider time,
    ILogger<BalanceLoop> logger) : BackgroundService
{
    private MembershipVersion _version;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Period == TimeSpan.Zero)
        {
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        using var timer = new PeriodicTimer(options.Value.Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false))
            {
                await OnceAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The silo goes, and with it all that it has.
        }
    }

    private async Task OnceAsync(CancellationToken cancellationToken)
    {
        // A cluster that has just changed may change again, as when all silos are started anew: what was moved would be moved twice.
        var settled = loads.Version == _version;
        _version = loads.Version;
        if (!settled)
        {
            return;
        }

        var answers = await loads.AskAsync(cancellationToken);
        if (answers.Count < 2 || answers.Values.Any(load => load is null))
        {
            return;
        }

        var silos = answers.Select(pair => (Silo: pair.Key, Load: pair.Value!)).ToImmutableArray();
        var own = silos.Select(pair => pair.Silo).ToList().IndexOf(loads.Own);
        await GiveTenantsAsync(silos, own, cancellationToken);
        GiveAgents(silos, own);
    }

    private async Task GiveTenantsAsync(ImmutableArray<(SiloAddress Silo, SiloLoad Load)> silos, int own, CancellationToken cancellationToken)
    {
        var given = ShareOf(own, [.. silos.Select(silo => silo.Load.Tenants)]);
        var left = tenants.Names.ToHashSet(StringComparer.Ordinal);
        for (var to = 0; to < silos.Length; to++)
        {
            foreach (var tenant in Nearest(left, silos[to].Silo.ToParsableString(), given[to]))
            {
                left.Remove(tenant);
                await MoveAsync(tenant, silos[to].Silo, cancellationToken);
            }

            if (given[to] > 0)
            {
                LogTenants(given[to], silos[to].Load.Name, silos[to].Silo);
            }
        }
    }

    private async Task MoveAsync(string tenant, SiloAddress to, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<ITenantGrain>(tenant).Move(to).WaitAsync(options.Value.Period, time, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogStayed(tenant, exception);
        }
    }

    private void GiveAgents(ImmutableArray<(SiloAddress Silo, SiloLoad Load)> silos, int own)
    {
        var given = ShareOf(own, [.. silos.Select(silo => silo.Load.Agents)]);
        var left = sessions.Movable().ToHashSet(StringComparer.Ordinal);
        for (var to = 0; to < silos.Length; to++)
        {
            if (given[to] == 0 || silos[to].Load.AgentAddress is not { Length: > 0 } address)
            {
                continue;
            }

            foreach (var node in Nearest(left, address, given[to]))
            {
                left.Remove(node);
                sessions.Send(node, address);
            }

            LogAgents(given[to], silos[to].Load.Name, address);
        }
    }

    private ImmutableArray<int> ShareOf(int own, ImmutableArray<int> counts) => FairShare.Of(own, counts, options.Value.Tolerance, options.Value.Step);

    /// <summary>Those whose rendezvous hash with the silo is highest: the same ones whenever the same silo lacks something.</summary>
    private static List<string> Nearest(IEnumerable<string> names, string silo, int count) => count == 0
        ? []
        : [.. names.OrderByDescending(name => Digest.Of(Encoding.UTF8.GetBytes($"{name} {silo}")).Value).Take(count)];

    [LoggerMessage(EventId = 1501, Level = LogLevel.Information, Message = "{Count} tenants go to silo {Name} ({Silo}), which serves fewer.")]
    private partial void LogTenants(int count, string name, SiloAddress silo);

    [LoggerMessage(EventId = 1502, Level = LogLevel.Information, Message = "{Count} agents are asked to go to silo {Name} ({Address}), which serves fewer.")]
    private partial void LogAgents(int count, string name, string address);

    [LoggerMessage(EventId = 1503, Level = LogLevel.Debug, Message = "Tenant {Tenant} stays.")]
    private partial void LogStayed(string tenant, Exception exception);
}
