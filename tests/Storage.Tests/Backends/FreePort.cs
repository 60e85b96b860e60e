using System.Net;
using System.Net.Sockets;

namespace Vallum.Storage.Tests.Backends;

/// <summary>
/// A port on loopback that nobody listens on, below those that the kernel gives to connections (ip_local_port_range begins at 32768): so none of the many
/// connections of other tests takes it before it is used.
/// </summary>
internal static class FreePort
{
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one.
            }
        }
    }
}
