using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vallum.Load.OpenLoop;

/// <summary>
/// The kernel's own sleep, in the calling thread: some 0.05 ms late where timers of .NET are 1 to 2 ms, which would be charged to every operation.
/// </summary>
internal sealed partial class FinePace : IPace
{
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(200);

    private readonly long _start = Stopwatch.GetTimestamp();

    public TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    public ValueTask UntilAsync(TimeSpan until, CancellationToken cancellationToken)
    {
        for (var wait = until - Now; wait > TimeSpan.Zero; wait = until - Now)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var nap = wait < Nap ? wait : Nap;
            _ = NanoSleep(new Timespec((long)nap.TotalSeconds, nap.Ticks % TimeSpan.TicksPerSecond * 100), 0);
        }

        return ValueTask.CompletedTask;
    }

    // nanosleep(2); a signal ends it early, and the loop goes on.
    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in Timespec request, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(long Seconds, long Nanoseconds);
}
