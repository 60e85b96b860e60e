using System.Diagnostics;
using Grpc.Core;

namespace Vallum.EndToEnd.Tests.Running;

/// <summary>Waits for what another process comes to by itself.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);

    /// <param name="condition">A call that fails is taken for "not yet".</param>
    /// <param name="evidence">What to show when it does not come true.</param>
    /// <exception cref="TimeoutException">It did not come true in time.</exception>
    public static async Task BecomesAsync(
        string what, TimeSpan within, Func<Task<bool>> condition, Func<string> evidence, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var last = "";
        while (clock.Elapsed < within)
        {
            try
            {
                if (await condition())
                {
                    return;
                }

                last = "";
            }
            catch (Exception failure) when (failure is RpcException or HttpRequestException)
            {
                last = $" ({failure.Message})";
            }

            await Task.Delay(Look, cancellationToken);
        }

        throw new TimeoutException($"It did not come true within {within.TotalSeconds:f0} s that {what}{last}:\n{evidence()}");
    }
}
