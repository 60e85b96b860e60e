using Vallum.Chaos.Agents;
using Vallum.Chaos.Processes;

namespace Vallum.Chaos.Schedules;

/// <summary>Does what a schedule says.</summary>
internal sealed class Faults(SiloCluster cluster, Fleet fleet, Action<string> log)
{
    /// <summary>Waits for its time, does it, and returns when it is undone.</summary>
    public async Task InjectAsync(Fault fault, CancellationToken cancellationToken)
    {
        await Task.Delay(fault.At, cancellationToken);
        log(fault.ToString());
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                cluster.Silos[fault.Target].Kill();
                await Task.Delay(fault.For, cancellationToken);
                cluster.Silos[fault.Target].Start();
                break;
            case FaultKind.Freeze:
                cluster.Silos[fault.Target].Freeze();
                await Task.Delay(fault.For, cancellationToken);
                cluster.Silos[fault.Target].Thaw();
                break;
            case FaultKind.Stop:
                await StopAsync(cluster.Silos[fault.Target], cancellationToken);
                await Task.Delay(fault.For, cancellationToken);
                cluster.Silos[fault.Target].Start();
                break;
            case FaultKind.Storage when cluster.Redis is { } redis:
                redis.Kill();
                await Task.Delay(fault.For, cancellationToken);
                await redis.StartAsync(cancellationToken);
                break;
            case FaultKind.Cut:
                fleet.Cut(fault.Target);
                await Task.Delay(fault.For, cancellationToken);
                fleet.LetBack(fault.Target);
                break;
        }
    }

    private async Task StopAsync(SiloServer silo, CancellationToken cancellationToken)
    {
        try
        {
            var code = await silo.StopAsync(cancellationToken);
            if (code != 0)
            {
                log($"silo {silo.Number} ended with {code} when it was asked to stop");
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            log($"silo {silo.Number} did not stop; it is killed");
            silo.Kill();
        }
    }
}
