using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vallum.Lab.Serving;

/// <summary>A TCP port that greets with the host's name and a newline, then sends back what it gets until the other side closes.</summary>
internal sealed class StreamService : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly byte[] _greeting;
    private readonly ConcurrentDictionary<Socket, Task> _connections = [];
    private readonly Task _accepting;

    private StreamService(Socket listener, string name)
    {
        _listener = listener;
        _greeting = Encoding.UTF8.GetBytes($"{name}\n");
        _accepting = AcceptAsync();
    }

    public static async Task<StreamService> OpenAsync(LabHost host, IPAddress address, int port)
    {
        var listener = await host.Thread.RunAsync(() =>
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(1024);
            return socket;
        });
        return new StreamService(listener, host.Name);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var (connection, serving) in _connections)
        {
            connection.Dispose();
            await serving;
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync();
                _connections[connection] = ServeAsync(connection);
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // Disposed: the end of the service.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        // Off the accepting loop, which has yet to note down this task.
        await Task.Yield();
        try
        {
            connection.NoDelay = true;
            await connection.SendAsync(_greeting);
            var buffer = new byte[4096];
            while (await connection.ReceiveAsync(buffer) is > 0 and var count)
            {
                await connection.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            // The probe has seen enough and reset the connection, or the service is disposed.
        }
        finally
        {
            connection.Dispose();
            _connections.TryRemove(connection, out _);
        }
    }
}
