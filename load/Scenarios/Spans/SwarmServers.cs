using System.Net;

namespace Vallum.Scenarios.Spans;

/// <summary>Silos as a swarm reaches them: by their address, without TLS.</summary>
internal static class SwarmServers
{
    /// <exception cref="NotSupportedException">It is asked for with TLS.</exception>
    public static IPEndPoint Of(Uri silo)
    {
        if (silo.Scheme != Uri.UriSchemeHttp)
        {
            throw new NotSupportedException($"{silo}: the swarm speaks no TLS");
        }

        var address = IPAddress.TryParse(silo.Host, out var parsed) ? parsed : Dns.GetHostAddresses(silo.Host)[0];
        return new IPEndPoint(address, silo.Port);
    }

    public static IPEndPoint Of(string silo) => Of(new Uri(silo));
}
