using Microsoft.Extensions.Logging;
using Vallum.NodeAgent.Status;

namespace Vallum.NodeAgent;

/// <summary>What is done without being asked, once a second: try again after a failure, compare, write the status, give memory back.</summary>
internal sealed class Maintenance(Agent agent, AgentOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    // A load of 10,000 members leaves some 30 MB behind that the collector would keep for the next; a node has better use for it.
    private const long TidyAfterBytes = 16 * 1024 * 1024;

    private TimeSpan _retryDelay = Tick;
    private DateTimeOffset _retryAt = DateTimeOffset.MinValue;
    private DateTimeOffset _checkAt;
    private AgentStatus? _written;
    private long _tidiedAtBytes;

    /// <summary>Called once a second while what is held is in the kernel.</summary>
    public Func<CancellationToken, Task> WhenEnforced { get; init; } = _ => Task.CompletedTask;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _checkAt = time.GetUtcNow() + options.CheckInterval;
        using var timer = new PeriodicTimer(Tick, time);
        do
        {
            await OnceAsync(cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    public async Task OnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!agent.InSync)
        {
            await RetryAsync(now, cancellationToken);
        }
        else if (options.CheckInterval > TimeSpan.Zero && now >= _checkAt)
        {
            await agent.CheckAsync(cancellationToken);
            _checkAt = time.GetUtcNow() + options.CheckInterval;
        }

        await agent.LookAtLinksAsync(cancellationToken);
        if (agent.InSync && agent.Status.AppliedAt is not null)
        {
            await WhenEnforced(cancellationToken);
        }

        WriteStatus();
        Tidy();
    }

    private async Task RetryAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (now < _retryAt)
        {
            return;
        }

        await agent.RetryAsync(cancellationToken);
        _retryDelay = agent.InSync ? Tick : _retryDelay * 2 < LongestRetry ? _retryDelay * 2 : LongestRetry;
        _retryAt = agent.InSync ? DateTimeOffset.MinValue : time.GetUtcNow() + _retryDelay;
    }

    /// <summary>When much was allocated and nothing has come for a second: it stops the world for some milliseconds.</summary>
    private void Tidy()
    {
        if (GC.GetTotalAllocatedBytes() - _tidiedAtBytes < TidyAfterBytes || time.GetUtcNow() - agent.Status.AppliedAt < Tick)
        {
            return;
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _tidiedAtBytes = GC.GetTotalAllocatedBytes();
    }

    private void WriteStatus()
    {
        if (agent.Status == _written)
        {
            return;
        }

        try
        {
            StatusFile.Write(options.StatusPath, agent.Status);
            _written = agent.Status;
        }
        catch (IOException e)
        {
            AgentLog.NotPersisted(logger, e.Message);
        }
    }
}
