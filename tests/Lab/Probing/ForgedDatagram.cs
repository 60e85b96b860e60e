using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vallum.Lab.Probing;

/// <summary>A UDP datagram with a source address that is not its sender's. Its answer goes elsewhere, so the receiver is asked.</summary>
internal static class ForgedDatagram
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>True if the service at the port heard it within <paramref name="timeout"/>; it is sent several times.</summary>
    public static async Task<bool> IsHeardAsync(
        LabHost from, IPAddress source, LabHost to, IPAddress address, int port, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var socket = await from.OpenAsync(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp, source);
        var token = Guid.NewGuid().ToString("N");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        while (!limit.IsCancellationRequested)
        {
            await socket.SendToAsync(Encoding.UTF8.GetBytes(token), new IPEndPoint(address, port), cancellationToken);
            await Task.Delay(Look, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (to.Services.Heard.ContainsKey(token))
            {
                return true;
            }
        }
        cancellationToken.ThrowIfCancellationRequested();
        return false;
    }
}
