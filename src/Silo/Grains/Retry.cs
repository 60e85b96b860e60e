using Orleans.Storage;
using Vallum.Cluster.Objects;

namespace Vallum.Silo.Grains;

/// <summary>
/// A question to a grain, again when the silo that held the grain has gone or the grain had to be read anew: somebody else has it in a moment. Only for
/// questions that may be asked twice.
/// </summary>
internal static class Retry
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(200);

    /// <param name="within">After this the last failure is thrown. An answer that is on its way is waited for longer: until Orleans gives up (30 s).</param>
    public static async Task<T> WithinAsync<T>(TimeSpan within, TimeProvider time, Func<Task<T>> ask, CancellationToken cancellationToken = default)
    {
        var start = time.GetTimestamp();
        for (var pause = First; ; pause = pause * 2 < Longest ? pause * 2 : Longest)
        {
            try
            {
                return await ask();
            }
            catch (Exception exception) when (IsPassing(exception) && !cancellationToken.IsCancellationRequested && time.GetElapsedTime(start) + pause < within)
            {
                // Not in step with others who wait for the same.
                await Task.Delay(pause * (0.5 + (Random.Shared.NextDouble() / 2)), time, cancellationToken);
            }
        }
    }

    /// <summary>The grain's silo went, the grain ended, or its storage failed: another activation may answer. A timeout is not: nobody knows what hangs.</summary>
    public static bool IsPassing(Exception exception) => exception is OrleansException or InconsistentStateException or CommitUnknownException;
}
