using Vallum.Swarm.Held;

namespace Vallum.Swarm;

/// <summary>Who measures. Called while the agent's connection is read: briefly, by several connections at once.</summary>
public interface ISwarmObserver
{
    /// <summary>The agent now holds what an update has brought; all digests were right.</summary>
    /// <param name="steps">The resources in the update.</param>
    /// <param name="timestamp">Of <see cref="System.Diagnostics.Stopwatch"/>: when the last byte of the update was there.</param>
    void Took(SwarmAgent agent, IReadOnlyList<Step> steps, long timestamp);
}
