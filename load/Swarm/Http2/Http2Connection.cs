using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Vallum.Swarm.Http2;

/// <summary>
/// A connection that carries calls: HTTP/2 (RFC 9113) without TLS, by prior knowledge. One loop reads; while nothing comes it holds no buffer, which is what
/// makes thousands of idle ones cheap.
/// </summary>
internal sealed class Http2Connection : IDisposable
{
    /// <summary>Of both sides, before anybody says otherwise (RFC 9113, section 6.9.2).</summary>
    public const int DefaultWindow = 65_535;

    /// <summary>Of the connection: streams that do not read must not hold up the others.</summary>
    private const int ConnectionWindow = 64 << 20;

    private const int BufferBytes = 64 * 1024;
    private const int EntryLength = 6;
    private const int HeaderTableSize = 1;
    private const int EnablePush = 2;
    private const int InitialWindowSize = 4;

    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly Socket _socket;
    private readonly Dictionary<int, CallStream> _streams = [];
    private readonly Lock _gate = new();
    private readonly byte[] _opening;
    private int _nextId = 1;
    private int _owed;
    private int _peerWindow = DefaultWindow;

    private Http2Connection(Socket socket, byte[] opening, int streamWindow)
    {
        (_socket, _opening, StreamWindow) = (socket, opening, streamWindow);
        Out = new Outgoing(socket);
    }

    public Outgoing Out { get; }

    /// <summary>Bytes that the server may send on a stream ahead of what was read.</summary>
    public int StreamWindow { get; }

    /// <summary>The server takes no new calls here.</summary>
    public bool IsGoingAway { get; private set; }

    /// <param name="opening">The header block of every call (<see cref="HeaderBlock.OfCall"/>).</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<Http2Connection> OpenAsync(IPEndPoint server, byte[] opening, int streamWindow, CancellationToken cancellationToken)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            var connection = new Http2Connection(socket, opening, streamWindow);
            await connection.GreetAsync(cancellationToken);
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A call; its header goes out with the next flush.</summary>
    public CallStream Open(ICaller caller)
    {
        CallStream stream;
        lock (_gate)
        {
            stream = new CallStream(this, _nextId, caller, _peerWindow);
            _streams.Add(_nextId, stream);
            _nextId += 2;
            Out.Append(FrameType.Headers, Frame.EndHeaders, stream.Id, _opening);
        }

        return stream;
    }

    /// <summary>Reads until the connection ends, for whatever reason; then every call has ended.</summary>
    public async Task RunAsync()
    {
        byte[]? buffer = null;
        var have = 0;
        try
        {
            while (true)
            {
                if (buffer is null)
                {
                    await _socket.ReceiveAsync(Memory<byte>.Empty);
                    buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
                }

                var read = await _socket.ReceiveAsync(buffer.AsMemory(have));
                if (read == 0)
                {
                    break;
                }

                have += read;
                var taken = Take(buffer.AsSpan(0, have));
                Out.Flush();
                buffer.AsSpan(taken, have - taken).CopyTo(buffer);
                have -= taken;
                if (have == 0)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = null;
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It broke, or was closed from this side: the calls hear of it either way.
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            EndAll();
        }
    }

    /// <summary>The server may send more on a stream.</summary>
    internal void Grant(int stream, int bytes)
    {
        Span<byte> increment = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(increment, bytes);
        Out.Append(FrameType.WindowUpdate, 0, stream, increment);
    }

    internal void Forget(CallStream stream)
    {
        lock (_gate)
        {
            _streams.Remove(stream.Id);
        }
    }

    /// <summary>Closes it under whoever reads.</summary>
    public void Dispose() => _socket.Dispose();

    private async Task GreetAsync(CancellationToken cancellationToken)
    {
        await _socket.SendAsync(Preface, cancellationToken);
        var settings = new byte[3 * EntryLength];
        Entry(settings, HeaderTableSize, 0);
        Entry(settings.AsSpan(EntryLength), EnablePush, 0);
        Entry(settings.AsSpan(2 * EntryLength), InitialWindowSize, StreamWindow);
        Out.Append(FrameType.Settings, 0, 0, settings);
        Grant(0, ConnectionWindow - DefaultWindow);
        Out.Flush();

        static void Entry(Span<byte> entry, int name, int value)
        {
            BinaryPrimitives.WriteInt16BigEndian(entry, (short)name);
            BinaryPrimitives.WriteInt32BigEndian(entry[2..], value);
        }
    }

    /// <returns>The bytes of whole frames.</returns>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (bytes.Length - taken >= Frame.HeaderLength)
        {
            var frame = Frame.Read(bytes[taken..]);
            if (frame.Length > Frame.MaxPayload)
            {
                throw new InvalidDataException($"a frame of {frame.Length} bytes, of at most {Frame.MaxPayload}");
            }

            if (bytes.Length - taken < Frame.HeaderLength + frame.Length)
            {
                break;
            }

            Take(frame, bytes.Slice(taken + Frame.HeaderLength, frame.Length));
            taken += Frame.HeaderLength + frame.Length;
        }

        return taken;
    }

    private void Take(Frame frame, ReadOnlySpan<byte> payload)
    {
        switch (frame.Type)
        {
            case FrameType.Data:
                TakeData(frame, payload);
                break;
            case FrameType.Headers:
                TakeHeaders(frame, payload);
                break;
            case FrameType.Settings when !frame.Has(Frame.Ack):
                TakeSettings(payload);
                break;
            case FrameType.Ping when !frame.Has(Frame.Ack):
                Out.Append(FrameType.Ping, Frame.Ack, 0, payload);
                break;
            case FrameType.WindowUpdate when frame.Stream == 0 || Find(frame.Stream) is not null:
                Out.Grant(frame.Stream == 0 ? null : Find(frame.Stream), BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue);
                break;
            case FrameType.ResetStream:
                End(frame.Stream, null, $"the stream was reset, code {BinaryPrimitives.ReadInt32BigEndian(payload)}");
                break;
            case FrameType.GoAway:
                IsGoingAway = true;
                break;
        }
    }

    private void TakeData(Frame frame, ReadOnlySpan<byte> payload)
    {
        // The connection's window is given back whatever the stream does with its own.
        _owed += frame.Length;
        if (_owed >= ConnectionWindow / 2)
        {
            Grant(0, _owed);
            _owed = 0;
        }

        Find(frame.Stream)?.Receive(Unpadded(frame, payload));
        if (frame.Has(Frame.EndStream))
        {
            End(frame.Stream, null, null);
        }
    }

    private void TakeHeaders(Frame frame, ReadOnlySpan<byte> payload)
    {
        if (!frame.Has(Frame.EndStream))
        {
            return;
        }

        var block = Unpadded(frame, payload);
        block = frame.Has(Frame.Priority) ? block[5..] : block;
        End(frame.Stream, HeaderBlock.Find(block, "grpc-status"), HeaderBlock.Find(block, "grpc-message"));
    }

    private void TakeSettings(ReadOnlySpan<byte> payload)
    {
        for (; payload.Length >= EntryLength; payload = payload[EntryLength..])
        {
            if (BinaryPrimitives.ReadInt16BigEndian(payload) == InitialWindowSize)
            {
                var window = BinaryPrimitives.ReadInt32BigEndian(payload[2..]);
                foreach (var stream in Resize(window, out var more))
                {
                    Out.Grant(stream, more);
                }
            }
        }

        Out.Append(FrameType.Settings, Frame.Ack, 0, []);
    }

    /// <summary>Streams that are open already have the difference, too (RFC 9113, section 6.9.2).</summary>
    private CallStream[] Resize(int window, out int more)
    {
        lock (_gate)
        {
            more = window - _peerWindow;
            _peerWindow = window;
            return [.. _streams.Values];
        }
    }

    private static ReadOnlySpan<byte> Unpadded(Frame frame, ReadOnlySpan<byte> payload) =>
        frame.Has(Frame.Padded) ? payload[1..^payload[0]] : payload;

    private CallStream? Find(int id)
    {
        lock (_gate)
        {
            return _streams.GetValueOrDefault(id);
        }
    }

    private void End(int id, string? status, string? words)
    {
        if (Find(id) is { } stream)
        {
            Forget(stream);
            stream.End(status, words);
        }
    }

    private void EndAll()
    {
        CallStream[] all;
        lock (_gate)
        {
            IsGoingAway = true;
            all = [.. _streams.Values];
            _streams.Clear();
        }

        foreach (var stream in all)
        {
            stream.End(null, "the connection ended");
        }
    }
}
