using Microsoft.AspNetCore.Connections.Features;
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
        var cutting = Task.CompletedTask;
        using var ended = new CancellationTokenSource();
        await using var stopping = lifetime.ApplicationStopping.UnsafeRegister(_ => cutting = CutAsync(context, ended.Token), null);
        try
        {
            await next(context);
        }
        finally
        {
            await ended.CancelAsync();
            await cutting;
        }
    }

    private async Task CutAsync(HttpContext context, CancellationToken ended)
    {
        try
        {
            await Task.Delay(options.Value.StopWithin, time, ended);
            context.Abort();
            // A stream that is reset is still drained for seconds, for as long as the client goes on; the connection has no more use.
            context.Features.Get<IConnectionLifetimeFeature>()?.Abort();
        }
        catch (OperationCanceledException)
        {
            // The call has ended by itself.
        }
    }
}
