using System.Diagnostics;

namespace Vallum.Cli.Output;

/// <summary>Says on a terminal that something takes its time; stays silent where nobody looks.</summary>
internal static class Progress
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    public static async Task<T> WhileAsync<T>(TextWriter error, string what, Func<Task<T>> work)
    {
        var task = work();
        if (Console.IsErrorRedirected)
        {
            return await task;
        }

        var clock = Stopwatch.StartNew();
        var shown = false;
        while (await Task.WhenAny(task, Task.Delay(clock.Elapsed < Quiet ? Quiet : Tick)) != task)
        {
            await error.WriteAsync($"\r{what} … {clock.Elapsed.TotalSeconds:0}s");
            shown = true;
        }

        if (shown)
        {
            await error.WriteAsync("\r\u001b[K");
        }

        return await task;
    }
}
