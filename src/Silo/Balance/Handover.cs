using Vallum.Cluster;
using Vallum.Silo.Hosting;

namespace Vallum.Silo.Balance;

/// <summary>
/// A silo that is told to stop gives its tenants to the others while it still serves: each is away for as long as it takes to read it. Left to the end of the
/// silo they would all go at once, when calls to them already fail.
/// </summary>
internal sealed partial class Handover(
    SiloLoads loads, TenantCensus tenants, IGrainFactory grains, SiloEnd end, TimeProvider time, ILogger<Handover> logger) : IHostedLifecycleService
{
    /// <summary>What has not gone by then goes with the silo.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private const int AtOnce = 16;

    /// <summary>Before anything is stopped, the listeners included.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var others = loads.Others;
        // A silo that ends because its storage or its cluster is gone has nothing that others could take.
        if (others.IsEmpty || tenants.Count == 0 || end.Reason is not null)
        {
            return;
        }

        var (start, count) = (time.GetTimestamp(), tenants.Count);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Within);
        try
        {
            var asked = new HashSet<string>(StringComparer.Ordinal);
            var next = 0;
            while (tenants.Count > 0)
            {
                // Until the silo is seen to leave, tenants may still be placed here.
                var moves = tenants.Names.Where(asked.Add).Select(tenant => (Tenant: tenant, To: others[next++ % others.Length])).ToList();
                await Parallel.ForEachAsync(
                    moves,
                    new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = limit.Token },
                    async (move, ended) => await MoveAsync(move.Tenant, move.To, ended));
                await Task.Delay(Look, time, limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Those that are left are read by others when the silo has gone.
        }

        var (given, took) = (count - tenants.Count, time.GetElapsedTime(start));
        LogGiven(given, count, took);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task MoveAsync(string tenant, SiloAddress to, CancellationToken ended)
    {
        try
        {
            await grains.GetGrain<ITenantGrain>(tenant).Move(to).WaitAsync(ended);
        }
        catch (Exception exception) when (!ended.IsCancellationRequested)
        {
            LogStays(tenant, exception);
        }
    }

    [LoggerMessage(EventId = 1504, Level = LogLevel.Information, Message = "{Given} of {Count} tenants were given to other silos before this one ends, in {Took}.")]
    private partial void LogGiven(int given, int count, TimeSpan took);

    [LoggerMessage(EventId = 1505, Level = LogLevel.Debug, Message = "Tenant {Tenant} is not given away.")]
    private partial void LogStays(string tenant, Exception exception);
}
