using Microsoft.Extensions.Options;

namespace Vallum.Silo.Hosting;

/// <summary>Why a silo ends that nobody told to: the first reason, in the operator's words.</summary>
internal sealed class SiloEnd(IHostApplicationLifetime lifetime, IOptions<SiloOptions> options, TimeProvider time)
{
    // For the streams, which end first; leaving a cluster that is not there would take the whole time that a host has to stop.
    private static readonly TimeSpan ForTheRest = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _overdue = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _reason;

    /// <summary>Null: it was not the silo that wanted to end.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    /// <summary>Completed when the silo has had its time to stop.</summary>
    public Task Overdue => _overdue.Task;

    /// <summary>Stops the host, its streams first.</summary>
    public async Task RunAsync(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            lifetime.StopApplication();
            await Task.Delay(options.Value.StopWithin + ForTheRest, time);
            _overdue.TrySetResult();
        }
    }
}
