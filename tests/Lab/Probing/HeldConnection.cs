using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Vallum.Lab.Probing;

/// <summary>A TCP connection that stays open, to see what becomes of established connections while policies change and agents restart.</summary>
public sealed class HeldConnection : IAsyncDisposable
{
    private readonly Socket _socket;

    private HeldConnection(Socket socket, string answeredBy)
    {
        _socket = socket;
        AnsweredBy = answeredBy;
    }

    /// <summary>The name of the host at the other end.</summary>
    public string AnsweredBy { get; }

    /// <exception cref="OperationCanceledException">No connection in time.</exception>
    /// <exception cref="SocketException">The connection was refused.</exception>
    internal static async Task<HeldConnection> OpenAsync(LabHost from, IPAddress to, int port, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var socket = await from.OpenAsync(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            socket.LingerState = new LingerOption(true, 0);
            await socket.ConnectAsync(new IPEndPoint(to, port), limit.Token);
            return new HeldConnection(socket, await Attempts.ReadLineAsync(socket, limit.Token) ?? "");
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a line and waits for it to come back; false if it does not in time, or the connection is gone.</summary>
    public async Task<bool> ExchangeAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var line = Guid.NewGuid().ToString("N");
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes($"{line}\n"), limit.Token);
            // The echo of an exchange that was given up may come first, so look for ours anywhere in what comes.
            var seen = new StringBuilder();
            var buffer = new byte[4096];
            while (await _socket.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
            {
                if (seen.Append(Encoding.UTF8.GetString(buffer, 0, count)).ToString().Contains(line, StringComparison.Ordinal))
                {
                    return true;
                }
            }
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
