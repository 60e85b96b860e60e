using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace Vallum.Swarm.Http2;

/// <summary>
/// What is on its way to the server. Frames are appended by anybody and go out together with <see cref="Flush"/>; what the server's windows do not let
/// through yet waits in order, all streams behind one another.
/// </summary>
internal sealed class Outgoing(Socket socket)
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = [];
    private byte[]? _pending;
    private int _length;
    private long _window = Http2Connection.DefaultWindow;
    private bool _sending;

    /// <summary>A frame that no window holds back.</summary>
    public void Append(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            AppendFrame(type, flags, stream, payload);
        }
    }

    /// <summary>One message of a call, with the prefix that gRPC puts before it.</summary>
    public void AppendMessage(CallStream stream, ReadOnlySpan<byte> message)
    {
        var framed = new byte[CallStream.Prefix + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed.AsSpan(CallStream.Prefix));
        lock (_gate)
        {
            _waiting.Enqueue(new Waiting(stream, framed));
            Release();
        }
    }

    /// <summary>The server takes <paramref name="more"/> bytes more, of one stream or (null) of all.</summary>
    public void Grant(CallStream? stream, int more)
    {
        lock (_gate)
        {
            if (stream is null)
            {
                _window += more;
            }
            else
            {
                stream.SendWindow += more;
            }

            Release();
        }
    }

    /// <summary>Sends what was appended; returns at once.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_sending || _length == 0)
            {
                return;
            }

            _sending = true;
        }

        _ = SendAsync();
    }

    // Never fails: a connection that broke is found by its reader.
    private async Task SendAsync()
    {
        while (true)
        {
            byte[] buffer;
            int length;
            lock (_gate)
            {
                if (_length == 0)
                {
                    _sending = false;
                    return;
                }

                (buffer, length) = (_pending!, _length);
                (_pending, _length) = (null, 0);
            }

            try
            {
                for (var sent = 0; sent < length;)
                {
                    sent += await socket.SendAsync(buffer.AsMemory(sent, length - sent));
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private void Release()
    {
        while (_waiting.TryPeek(out var next))
        {
            if (next.Stream.IsOver)
            {
                _waiting.Dequeue();
                continue;
            }

            var part = (int)Math.Min(Math.Min(next.Left, Frame.MaxPayload), Math.Min(_window, next.Stream.SendWindow));
            if (part <= 0)
            {
                return;
            }

            AppendFrame(FrameType.Data, 0, next.Stream.Id, next.Bytes.AsSpan(next.Sent, part));
            _window -= part;
            next.Stream.SendWindow -= part;
            next.Sent += part;
            if (next.Left == 0)
            {
                _waiting.Dequeue();
            }
        }
    }

    private void AppendFrame(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var room = Room(Frame.HeaderLength + payload.Length);
        new Frame(payload.Length, type, flags, stream).Write(room);
        payload.CopyTo(room[Frame.HeaderLength..]);
    }

    private Span<byte> Room(int bytes)
    {
        _pending ??= ArrayPool<byte>.Shared.Rent(Math.Max(bytes, 256));
        if (_pending.Length < _length + bytes)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + bytes, _pending.Length * 2));
            _pending.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_pending);
            _pending = larger;
        }

        var room = _pending.AsSpan(_length, bytes);
        _length += bytes;
        return room;
    }

    private sealed class Waiting(CallStream stream, byte[] bytes)
    {
        public CallStream Stream => stream;

        public byte[] Bytes => bytes;

        public int Sent { get; set; }

        public int Left => bytes.Length - Sent;
    }
}
