using Vallum.Dataplane.Counting;

namespace Vallum.NodeAgent.Counters;

/// <summary>What is counted since when, as it is kept over restarts.</summary>
/// <param name="Since">When the totals began.</param>
/// <param name="Run">Of the agent that wrote it; each later start has a higher one.</param>
internal sealed record CounterState(DateTimeOffset Since, ulong Run, CounterPage Page)
{
    /// <summary>The state of an agent that starts now. A number that follows the clock rises even where the state directory was lost.</summary>
    public static CounterState Next(CounterState? before, DateTimeOffset now)
    {
        // In milliseconds, as it is written and sent.
        var time = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        var run = Math.Max((before?.Run ?? 0) + 1, (ulong)time.ToUnixTimeMilliseconds());
        return before is null ? new CounterState(time, run, CounterPage.Empty) : before with { Run = run };
    }
}
