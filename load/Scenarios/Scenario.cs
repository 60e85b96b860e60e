using Vallum.Scenarios.Grounds;

namespace Vallum.Scenarios;

/// <summary>
/// One thing that is done again and again, and what must be so at its end. It knows nothing of rates and percentiles: a driver calls
/// <see cref="PrepareAsync"/> once, <see cref="RunOnceAsync"/> as often and as many at once as its profile says, and, when the last of them has ended,
/// <see cref="VerifyAsync"/>.
/// </summary>
public abstract class Scenario : IAsyncDisposable
{
    /// <summary>For command lines and files: lower case, words with a hyphen between.</summary>
    public abstract string Name { get; }

    /// <summary>What one operation is, in a line.</summary>
    public abstract string Summary { get; }

    /// <summary>What it measured besides the durations of its operations. Read after <see cref="VerifyAsync"/>.</summary>
    public virtual IReadOnlyList<Figure> Figures => [];

    /// <summary>Makes what must be there before the first operation.</summary>
    public abstract Task PrepareAsync(Ground ground, CancellationToken cancellationToken);

    /// <summary>Called by several at once, in any order.</summary>
    /// <param name="number">Counted from 0, each once.</param>
    /// <returns>How it went. An exception is a fault of the scenario, and ends the run.</returns>
    public abstract Task<Outcome> RunOnceAsync(long number, CancellationToken cancellationToken);

    /// <summary>Holds the control plane, and each agent that is connected, to a fresh compile of what was acknowledged.</summary>
    /// <returns>Everything that is wrong, in words; empty: nothing is. A run with faults has no figures.</returns>
    public abstract Task<IReadOnlyList<string>> VerifyAsync(CancellationToken cancellationToken);

    /// <summary>Disconnects agents, closes channels. The ground goes after it.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
