using System.Net.Security;
using Grpc.Net.Client;

namespace Vallum.NodeAgent.Connection;

/// <summary>An agent's connection to a silo.</summary>
internal static class SiloChannel
{
    private const int MaxReceiveBytes = 64 * 1024 * 1024;

    /// <param name="tls">What the agent shows and whom it believes; null: with https the system's authorities.</param>
    public static GrpcChannel Open(Uri server, SslClientAuthenticationOptions? tls)
    {
        var http = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            // A silo that freezes keeps its connections open and says nothing. .NET looks once a second, so that it is found out within 3 to 5 s; the other
            // silos need as long. A ping costs a silo some microseconds.
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(2),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (tls is not null)
        {
            http.SslOptions = tls;
        }

        return GrpcChannel.ForAddress(server, new GrpcChannelOptions { MaxReceiveMessageSize = MaxReceiveBytes, DisposeHttpClient = true, HttpHandler = http });
    }
}
