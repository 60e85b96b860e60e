using Microsoft.Extensions.Options;
using Orleans.Clustering.Redis;

namespace Vallum.Silo.Hosting;

/// <summary>
/// Ends a silo whose row is gone from the members' table: somebody has emptied or replaced the storage, so that what this silo holds in memory is no longer
/// anybody's truth, and nobody probes it any more. Orleans alone would go on for ever (dotnet/orleans #7784). A table that cannot be read says nothing.
/// </summary>
internal sealed partial class MembershipWatch(
    IMembershipTable members,
    ILocalSiloDetails local,
    SiloEnd end,
    IOptions<MembershipOptions> options,
    TimeProvider time,
    ILogger<MembershipWatch> logger) : BackgroundService
{
    /// <summary>Looks in the time after which a missing row ends the silo: one or two may meet a table that is just being written.</summary>
    private const int Looks = 5;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.RowGone / Looks, time);
        var missing = 0;
        while (missing < Looks && await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            missing = await IsThereAsync(stoppingToken) switch { true => 0, false => missing + 1, null => missing };
        }

        if (missing == Looks)
        {
            LogGone(local.SiloAddress, options.Value.RowGone.TotalSeconds);
            await end.RunAsync(
                $"silo {local.SiloAddress} is no longer in the cluster's table of members: its storage was emptied or replaced. " +
                "Look what the storage holds, then start the silo again; it reads everything anew.");
        }
    }

    /// <summary>Null: not known.</summary>
    private async Task<bool?> IsThereAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await members.ReadAllAsync(cancellationToken)).TryGet(local.SiloAddress) is not null;
        }
        catch (RedisClusteringException)
        {
            // Its word for a table that is not there.
            return false;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogUnreadable(exception);
            return null;
        }
    }

    [LoggerMessage(EventId = 1011, Level = LogLevel.Critical, Message = "The row of silo {Silo} has been missing from the table of members for {Seconds} s; the silo ends.")]
    private partial void LogGone(SiloAddress silo, double seconds);

    [LoggerMessage(EventId = 1012, Level = LogLevel.Debug, Message = "The table of members cannot be read.")]
    private partial void LogUnreadable(Exception exception);
}
