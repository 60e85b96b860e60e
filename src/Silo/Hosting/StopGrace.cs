using Microsoft.Extensions.Options;

namespace Vallum.Silo.Hosting;

/// <summary>
/// Ends calls that outlast the stop. Kestrel waits for open calls until the host gives up, and the silo would then leave the cluster without goodbye. Streams
/// watch <see cref="IHostApplicationLifetime.ApplicationStopping"/> and end by themselves; what is still open after <see cref="SiloOptions.StopWithin"/> is cut.
/// </summary>
internal sealed class StopGrace(IHostApplicationLifetime lifetime, IOptions<SiloOptions> options, TimeProvider time) : IMiddleware
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        using var ended = new CancellationTokenSource();
        await using var stopping = lifetime.ApplicationStopping.UnsafeRegister(_ => _ = CutAsync(context, ended.Token), null);
        try
        {
            await next(context);
        }
        finally
        {
            await ended.CancelAsync();
        }
    }

    private async Task CutAsync(HttpContext context, CancellationToken ended)
    {
        try
        {
            await Task.Delay(options.Value.StopWithin, time, ended);
            context.Abort();
        }
        catch (OperationCanceledException)
        {
            // The call has ended by itself.
        }
    }
}
