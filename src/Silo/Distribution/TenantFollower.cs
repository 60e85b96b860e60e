using Vallum.Cluster.Compiled;
using Vallum.Silo.Distribution.Hub;

namespace Vallum.Silo.Distribution;

/// <summary>Keeps one question parked at a tenant's owner. Fails, waits and asks again until the tenant is dropped.</summary>
internal sealed partial class TenantFollower
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(1);

    private readonly AsyncSignal _askAgain;
    private readonly TenantState _tenant;
    private readonly ResourceHub _hub;
    private readonly ICompiledSource _source;
    private readonly DistributionOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public TenantFollower(
        TenantState tenant,
        ResourceHub hub,
        ICompiledSource source,
        DistributionOptions options,
        TimeProvider time,
        ILogger logger,
        CancellationToken stopping)
    {
        (_tenant, _hub, _source, _options, _time, _logger) = (tenant, hub, source, options, time, logger);
        _askAgain = new AsyncSignal(time);
        Running = Task.Run(() => RunAsync(stopping), CancellationToken.None);
    }

    public Task Running { get; }

    /// <summary>What is to be asked has changed: the parked question is withdrawn.</summary>
    public void AskAgain() => _askAgain.Set();

    private async Task RunAsync(CancellationToken stopping)
    {
        var failures = 0;
        var again = Task.CompletedTask;
        while (!stopping.IsCancellationRequested && !_tenant.IsDropped)
        {
            if (again.IsCompleted)
            {
                again = _askAgain.WaitAsync(Timeout.InfiniteTimeSpan, stopping);
            }

            try
            {
                var request = _hub.RequestFor(_tenant);
                if (await AskAsync(request, again, stopping) is { } reply)
                {
                    _hub.Receive(_tenant, request, reply);
                    failures = reply.TellWants && request.Wants is not null ? failures + 1 : 0;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (failures++ == 0)
                {
                    PullFailed(_logger, _tenant.Name, exception);
                }
            }

            if (failures > 0)
            {
                await Task.Delay(Backoff(failures), _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Null: withdrawn. An owner that goes on with a withdrawn question does no harm: its answer is nobody's.
    private async Task<PullReply?> AskAsync(PullRequest request, Task again, CancellationToken stopping)
    {
        using var withdrawn = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var pull = _source.Pull(_tenant.Name, request, withdrawn.Token);
        await Task.WhenAny(pull, again).WaitAsync(_options.PullWait + _options.PullWait, _time, stopping);
        if (pull.IsCompleted)
        {
            return await pull;
        }

        await withdrawn.CancelAsync();
        _ = pull.ContinueWith(p => _ = p.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return null;
    }

    private static TimeSpan Backoff(int failures)
    {
        var longest = Math.Min(LastRetry.TotalMilliseconds, FirstRetry.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 10)));
        return TimeSpan.FromMilliseconds(longest * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Tenant {Tenant} could not be pulled; trying again until it can")]
    private static partial void PullFailed(ILogger logger, string tenant, Exception exception);
}
