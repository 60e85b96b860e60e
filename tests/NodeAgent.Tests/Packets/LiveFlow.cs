using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Vallum.Lab;
using Vallum.NodeAgent.Tests.Kernel;

namespace Vallum.NodeAgent.Tests.Packets;

/// <summary>Who sends once the flow stands.</summary>
public enum LiveKind
{
    /// <summary>TCP: the client asks and the server answers.</summary>
    Echo,

    /// <summary>TCP: the server sends, the client only acknowledges.</summary>
    Push,

    /// <summary>UDP: the server sends, the client said one word at the beginning.</summary>
    DatagramPush,
}

/// <summary>A flow between two hosts that carries a number every few milliseconds; what the client hears is counted.</summary>
internal sealed class LiveFlow : IAsyncDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly string _name;
    private Task _running = Task.CompletedTask;
    private long _lastHeard = Stopwatch.GetTimestamp();
    private int _heard;
    private int _missing;
    private int _expected;

    private LiveFlow(string name) => _name = name;

    /// <summary>Since the client heard something.</summary>
    public TimeSpan Silence => Stopwatch.GetElapsedTime(Volatile.Read(ref _lastHeard));

    public int Heard => Volatile.Read(ref _heard);

    /// <summary>Numbers that were sent and not heard; of TCP none as long as the connection lives.</summary>
    public int Missing => Volatile.Read(ref _missing);

    public static async Task<LiveFlow> StartAsync(LiveKind kind, LabHost client, LabHost server, AddressFamily family, int port, CancellationToken cancellationToken)
    {
        var flow = new LiveFlow($"{kind} {client} → {server} {family} {port}");
        var to = new IPEndPoint(server.AddressOf(family), port);
        if (kind == LiveKind.DatagramPush)
        {
            await flow.StartDatagramsAsync(client, server, to, cancellationToken);
        }
        else
        {
            await flow.StartStreamAsync(kind, client, server, to, cancellationToken);
        }

        return flow;
    }

    public override string ToString() => $"{_name}: {Heard} heard, {Missing} missing, silent for {Silence.TotalMilliseconds:0} ms";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }

        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task StartStreamAsync(LiveKind kind, LabHost client, LabHost server, IPEndPoint to, CancellationToken cancellationToken)
    {
        var listener = Open(server, to.AddressFamily, SocketType.Stream, to);
        listener.Listen();
        var near = Open(client, to.AddressFamily, SocketType.Stream, null);
        await near.ConnectAsync(to, cancellationToken);
        var far = await listener.AcceptAsync(cancellationToken);
        _sockets.Add(far);
        near.NoDelay = far.NoDelay = true;
        _running = kind == LiveKind.Push
            ? Task.WhenAll(SendAsync(far), HearAsync(near))
            : Task.WhenAll(SendAsync(near), EchoAsync(far), HearAsync(near));
    }

    private async Task StartDatagramsAsync(LabHost client, LabHost server, IPEndPoint to, CancellationToken cancellationToken)
    {
        var far = Open(server, to.AddressFamily, SocketType.Dgram, to);
        var near = Open(client, to.AddressFamily, SocketType.Dgram, null);
        var word = new byte[4];
        await near.SendToAsync(word, to, cancellationToken);
        var first = await far.ReceiveFromAsync(word, new IPEndPoint(to.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0), cancellationToken);
        await far.ConnectAsync(first.RemoteEndPoint, cancellationToken);
        _running = Task.WhenAll(SendAsync(far), HearAsync(near));
    }

    private Socket Open(LabHost host, AddressFamily family, SocketType type, IPEndPoint? at)
    {
        var socket = NetworkNamespace.In(host.Namespace, () =>
        {
            var made = new Socket(family, type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
            if (at is not null)
            {
                made.Bind(at);
            }

            return made;
        });
        _sockets.Add(socket);
        return socket;
    }

    private async Task SendAsync(Socket socket)
    {
        var word = new byte[4];
        for (var n = 0; !_stop.IsCancellationRequested; n++)
        {
            BinaryPrimitives.WriteInt32BigEndian(word, n);
            try
            {
                await socket.SendAsync(word, _stop.Token);
            }
            catch (SocketException)
            {
                // A datagram that a rule refused, or a connection that is gone: then nothing is heard any more.
            }

            await Task.Delay(Pace, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task EchoAsync(Socket socket)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
        {
            await socket.SendAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }

    private async Task HearAsync(Socket socket)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
        {
            Volatile.Write(ref _lastHeard, Stopwatch.GetTimestamp());
            Volatile.Write(ref _heard, Heard + (count / 4));
            if (socket.SocketType == SocketType.Dgram)
            {
                var number = BinaryPrimitives.ReadInt32BigEndian(buffer);
                Volatile.Write(ref _missing, Missing + number - _expected);
                _expected = number + 1;
            }
        }
    }
}
