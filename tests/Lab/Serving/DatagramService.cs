using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vallum.Lab.Serving;

/// <summary>A UDP port that answers each datagram with the host's name, a newline and the datagram.</summary>
internal sealed class DatagramService : IAsyncDisposable
{
    private readonly LabHost _host;
    private readonly Socket _socket;
    private readonly byte[] _greeting;
    private readonly Task _serving;

    private DatagramService(LabHost host, Socket socket)
    {
        _host = host;
        _socket = socket;
        _greeting = Encoding.UTF8.GetBytes($"{host.Name}\n");
        _serving = ServeAsync();
    }

    public static async Task<DatagramService> OpenAsync(LabHost host, IPAddress address, int port)
    {
        var socket = await host.Thread.RunAsync(() =>
        {
            var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, port));
            return socket;
        });
        return new DatagramService(host, socket);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[2048];
        _greeting.CopyTo(buffer, 0);
        var any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer.AsMemory(_greeting.Length), any);
                _host.Services.Heard[Encoding.UTF8.GetString(buffer, _greeting.Length, received.ReceivedBytes)] = 0;
                await _socket.SendToAsync(buffer.AsMemory(0, _greeting.Length + received.ReceivedBytes), received.RemoteEndPoint);
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted })
            {
                return;
            }
            catch (SocketException)
            {
                // An answer that could not leave (no route to a forged source, a rule on the way): the next datagram may.
            }
        }
    }
}
