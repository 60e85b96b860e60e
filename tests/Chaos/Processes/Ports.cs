using System.Net;
using System.Net.Sockets;

namespace Vallum.Chaos.Processes;

internal static class Ports
{
    /// <summary>
    /// Ports of the loopback address that are free now and are not given out by the kernel: a silo must get its own again when it is started anew, and a
    /// connection that left it meanwhile would be in the way.
    /// </summary>
    public static int[] Take(int count)
    {
        var first = Random.Shared.Next(20_000, 30_000);
        return [.. Enumerable.Range(first, 2_000).Where(IsFree).Take(count)];
    }

    private static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
