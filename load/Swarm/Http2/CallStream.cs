using System.Buffers.Binary;

namespace Vallum.Swarm.Http2;

/// <summary>Who made a call, and is told what comes of it: on the connection's one reading loop.</summary>
internal interface ICaller
{
    /// <summary>False: also what is longer than a window waits with the server.</summary>
    bool IsReading { get; }

    /// <summary>A message; its bytes are gone when this returns.</summary>
    void Received(CallStream stream, ReadOnlySpan<byte> message);

    /// <summary>The call is over, or its connection is.</summary>
    /// <param name="status">gRPC's, such as "14"; null: none was said.</param>
    void Ended(CallStream stream, string? status, string? words);
}

/// <summary>One call with messages both ways. Keeps nothing but a message that has come in part.</summary>
internal sealed class CallStream(Http2Connection connection, int id, ICaller caller, int sendWindow)
{
    /// <summary>Before each message: whether it is compressed (never), and its length in four bytes.</summary>
    public const int Prefix = 5;

    private byte[] _part = [];
    private int _have;
    private int _owed;
    private int _advanced;

    public int Id => id;

    public ICaller Caller => caller;

    public bool IsOver { get; private set; }

    /// <summary>Bytes that the server takes on this stream. Guarded by <see cref="Outgoing"/>.</summary>
    public long SendWindow { get; set; } = sendWindow;

    /// <summary>The message goes out with the next <see cref="Flush"/>.</summary>
    public void Send(ReadOnlySpan<byte> message) => connection.Out.AppendMessage(this, message);

    public void Flush() => connection.Out.Flush();

    /// <summary>A message of that length was read: the server may send as much again. Who does not say so has a stream that stands still.</summary>
    public void Consumed(int length)
    {
        var credited = Math.Min(_advanced, Prefix + length);
        _advanced -= credited;
        Owe(Prefix + length - credited);
    }

    private void Owe(int bytes)
    {
        _owed += bytes;
        if (_owed >= connection.StreamWindow / 2 && !IsOver)
        {
            connection.Grant(id, _owed);
            _owed = 0;
        }
    }

    /// <summary>Ends the call from this side (CANCEL).</summary>
    public void Reset()
    {
        if (!IsOver)
        {
            Span<byte> cancel = [0, 0, 0, 8];
            connection.Out.Append(FrameType.ResetStream, 0, id, cancel);
            connection.Forget(this);
            IsOver = true;
            Flush();
        }
    }

    internal void Receive(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && !IsOver)
        {
            if (_have == 0 && data.Length >= Prefix && data.Length >= Prefix + LengthOf(data))
            {
                var length = LengthOf(data);
                caller.Received(this, data.Slice(Prefix, length));
                data = data[(Prefix + length)..];
                continue;
            }

            data = data[Keep(data)..];
            if (_have >= Prefix && _have == Prefix + LengthOf(_part))
            {
                var whole = _part.AsSpan(Prefix, _have - Prefix);
                (_part, _have) = ([], 0);
                caller.Received(this, whole);
            }
            else if (caller.IsReading)
            {
                Advance();
            }
        }
    }

    /// <summary>A message may be longer than the window: what is here of it counts as read already.</summary>
    private void Advance()
    {
        var more = _have - _advanced;
        if (more >= connection.StreamWindow / 4)
        {
            _advanced += more;
            Owe(more);
        }
    }

    internal void End(string? status, string? words)
    {
        if (!IsOver)
        {
            IsOver = true;
            caller.Ended(this, status, words);
        }
    }

    private static int LengthOf(ReadOnlySpan<byte> prefix) => BinaryPrimitives.ReadInt32BigEndian(prefix[1..]);

    /// <returns>How much of it was wanted.</returns>
    private int Keep(ReadOnlySpan<byte> data)
    {
        var wanted = (_have < Prefix ? Prefix : Prefix + LengthOf(_part)) - _have;
        var taken = Math.Min(wanted, data.Length);
        if (_part.Length < _have + wanted)
        {
            Array.Resize(ref _part, _have + wanted);
        }

        data[..taken].CopyTo(_part.AsSpan(_have));
        _have += taken;
        return taken;
    }
}
