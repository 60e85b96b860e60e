using Grpc.Net.Client;

namespace Vallum.NodeAgent.Connection;

/// <summary>An agent's connection to a silo.</summary>
internal static class SiloChannel
{
    private const int MaxReceiveBytes = 64 * 1024 * 1024;

    public static GrpcChannel Open(Uri server) => GrpcChannel.ForAddress(server, new GrpcChannelOptions
    {
        MaxReceiveMessageSize = MaxReceiveBytes,
        DisposeHttpClient = true,
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        },
    });
}
