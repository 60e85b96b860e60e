using Microsoft.Extensions.Options;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Security;

/// <summary>Looks again and again: at the files, and with what they say now at the connections that are open.</summary>
internal sealed class CredentialWatch(SiloCredentials credentials, PeerConnections connections, OpenStreams streams, IOptions<SecurityOptions> options, TimeProvider time)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        credentials.WarnOfStaleLists();
        using var timer = new PeriodicTimer(options.Value.CredentialCheck, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                credentials.Refresh();
                connections.EndRefused();
                streams.EndRefused();
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }
}
