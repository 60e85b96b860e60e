using System.Collections.Immutable;

namespace Vallum.NodeAgent.Enforcement;

/// <summary>Runs a repair while nothing else changes the kernel; false when the kernel refused.</summary>
internal delegate Task<bool> ExclusiveRepair(Func<Task<ImmutableArray<string>>> repair, CancellationToken cancellationToken);

/// <summary>
/// Reads back the rules that were committed and acknowledged, and puts back what differs. They are read beside updates that come meanwhile; when one of
/// those commits too, what was read is void.
/// </summary>
internal sealed class ReadingBack(Enforcer enforcer, ExclusiveRepair repair, TimeProvider time) : IDisposable
{
    // Beside later updates at most this long; then those wait for it.
    private static readonly TimeSpan LongestUnverified = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim _committed = new(0, 1);

    /// <summary>Says that something was applied. One caller at a time.</summary>
    public void Note()
    {
        if (enforcer.IsUnverified && _committed.CurrentCount == 0)
        {
            _committed.Release();
        }
    }

    /// <summary>Reads back whenever something was committed; returns only when cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _committed.WaitAsync(cancellationToken);
            await OnceAsync(cancellationToken);
        }
    }

    /// <summary>Returns when nothing is unverified, or the kernel does not answer: then the next check, or a retry, says more.</summary>
    public async Task OnceAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (enforcer.IsUnverified)
        {
            var read = time.GetElapsedTime(start) < LongestUnverified ? await enforcer.TryReadRulesAsync(cancellationToken) : null;
            if (!await repair(() => enforcer.VerifyAsync(read, cancellationToken), cancellationToken))
            {
                return;
            }

            if (enforcer.IsUnverified)
            {
                await Task.Delay(BetweenReadings, time, cancellationToken);
            }
        }
    }

    public void Dispose() => _committed.Dispose();
}
