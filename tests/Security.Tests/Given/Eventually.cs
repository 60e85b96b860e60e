using System.Diagnostics;

namespace Vallum.Security.Tests.Given;

internal static class Eventually
{
    /// <summary>Tries again until it succeeds; files are looked at every 100 ms.</summary>
    public static async Task SucceedAsync(Func<Task> attempt)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await attempt();
                return;
            }
            catch (Exception) when (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(15))
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }
}
