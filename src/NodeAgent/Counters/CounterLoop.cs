using Microsoft.Extensions.Logging;
using Vallum.Dataplane.Counting;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Counters;

/// <summary>
/// Reads the kernel's counters every so often and adds them up. It never waits for the agent, nor the agent for it: a reading during which the rules
/// were changed is thrown away.
/// </summary>
internal sealed class CounterLoop(Agent agent, ICounterSource source, IRuleOrigins origins, AgentOptions options, TimeProvider time, ILogger logger)
{
    private const int Attempts = 3;
    private const string WarningSource = "counters";

    // The file is written at least this often while anything is counted.
    private static readonly TimeSpan LongestUnsaved = TimeSpan.FromSeconds(60);

    private readonly CounterState _state = CounterState.Next(CounterFile.Read(options.CountersPath), time.GetUtcNow());
    private CounterBook? _book;
    private CountedLayout? _layout;
    private DateTimeOffset? _readAt;
    private DateTimeOffset _savedAt = time.GetUtcNow();

    public ulong Run => _state.Run;

    public CounterReports Reports { get; } = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Save();
        if (options.CounterInterval == TimeSpan.Zero)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        using var timer = new PeriodicTimer(options.CounterInterval, time);
        try
        {
            do
            {
                await OnceAsync(cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        finally
        {
            Save();
        }
    }

    /// <returns>False when the counters could not be read, or not while the rules stood still.</returns>
    public async Task<bool> OnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var attempt = 1; attempt <= Attempts; attempt++)
            {
                if (await TryReadAsync(cancellationToken))
                {
                    agent.Findings.Warn(WarningSource);
                    return true;
                }
            }
        }
        catch (CommandFailedException e)
        {
            agent.Findings.Warn(WarningSource, $"counters cannot be read: {e.Message}");
        }

        return false;
    }

    private async Task<bool> TryReadAsync(CancellationToken cancellationToken)
    {
        if (agent.InKernel is not { } rendering)
        {
            return false;
        }

        var start = time.GetUtcNow();
        var v4 = source.ReadAsync(IpFamily.V4, cancellationToken);
        var v6 = source.ReadAsync(IpFamily.V6, cancellationToken);
        var (found4, found6) = (await v4, await v6);
        if (agent.InKernel is not { } after || RuleLayout.Of(after) != RuleLayout.Of(rendering))
        {
            return false;
        }

        if (_layout is null || _layout.Rules != RuleLayout.Of(rendering))
        {
            _layout = CountedLayout.Of(rendering, origins);
        }

        _book ??= new CounterBook(_state.Page);
        _book.Take([(IpFamily.V4, _layout.V4, found4), (IpFamily.V6, _layout.V6, found6)], start);
        Reports.Offer(_book, _layout, _state.Since, start, _readAt is { } before ? start - before : null);
        _readAt = start;
        if (_book.Rewritten || start - _savedAt >= LongestUnsaved)
        {
            Save();
        }

        return true;
    }

    private void Save()
    {
        try
        {
            CounterFile.Write(options.CountersPath, _book is null ? _state : _state with { Page = _book.Page });
            _savedAt = time.GetUtcNow();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AgentLog.NotPersisted(logger, e.Message);
        }
    }
}
