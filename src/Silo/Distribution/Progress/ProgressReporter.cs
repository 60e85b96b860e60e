using System.Collections.Concurrent;
using Vallum.Silo.Distribution.Hub;

namespace Vallum.Silo.Distribution.Progress;

/// <summary>
/// Tells each tenant's owner how far this silo's nodes have come: at once when the last of them has arrived, and after a quiet time, otherwise merged; again
/// every so often, so that an owner that starts anew learns it and one that hears nothing knows that this silo is gone. One report per tenant is on its way
/// at a time.
/// </summary>
internal sealed partial class ProgressReporter(
    ResourceHub hub,
    ICompiledSource source,
    SiloIdentity silo,
    DistributionOptions options,
    TimeProvider time,
    AsyncSignal progressed,
    AsyncSignal finished,
    ILogger logger) : IDisposable
{
    private const int Concurrent = 64;

    // An owner that does not answer in this time is told again later.
    private static readonly TimeSpan ReportDeadline = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<TenantState, Task> _underWay = [];
    private readonly ConcurrentDictionary<TenantState, bool> _again = [];
    private readonly SemaphoreSlim _slots = new(Concurrent);
    private long _number;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await progressed.WaitAsync(options.KeepAlive / 4, cancellationToken);
            await StartAsync(hub.TakeReportable(options.KeepAlive), cancellationToken);
            var start = time.GetTimestamp();
            while (options.ReportWindow - time.GetElapsedTime(start) is { Ticks: > 0 } left && !cancellationToken.IsCancellationRequested)
            {
                await finished.WaitAsync(left, cancellationToken);
                await StartAsync(hub.TakeFinished(), cancellationToken);
            }
        }

        await Task.WhenAll(_underWay.Values);
    }

    public void Dispose() => _slots.Dispose();

    private async Task StartAsync(IReadOnlyList<TenantState> tenants, CancellationToken cancellationToken)
    {
        foreach (var tenant in tenants)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            if (_underWay.ContainsKey(tenant))
            {
                _again[tenant] = true;
                if (_underWay.ContainsKey(tenant) || !_again.TryRemove(tenant, out _))
                {
                    continue;
                }

                // It ended between the two looks and has not seen that it is wanted again.
            }

            await _slots.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _underWay[tenant] = Task.CompletedTask;
            _underWay.TryUpdate(tenant, ReportAsync(tenant, cancellationToken), Task.CompletedTask);
        }
    }

    private async Task ReportAsync(TenantState tenant, CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                if (hub.ReportOf(tenant, Interlocked.Increment(ref _number)) is { } report)
                {
                    await source.Report(tenant.Name, report, cancellationToken).WaitAsync(ReportDeadline, time, cancellationToken);
                }
            }
            while (_again.TryRemove(tenant, out _));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            // The keep-alive tells it again.
            ReportFailed(logger, silo.Name, tenant.Name, exception);
        }
        finally
        {
            _underWay.TryRemove(tenant, out _);
            _slots.Release();
            if (_again.TryRemove(tenant, out _))
            {
                hub.ReportAgain(tenant);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Silo {Silo} could not report to tenant {Tenant}; the next report says it again")]
    private static partial void ReportFailed(ILogger logger, string silo, string tenant, Exception exception);
}
