using System.Buffers.Binary;

namespace Vallum.Swarm.Http2;

/// <summary>Frame types of RFC 9113, section 6, that matter to a client which sends calls.</summary>
internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    ResetStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>The nine bytes before each frame's payload (RFC 9113, section 4.1).</summary>
internal readonly record struct Frame(int Length, FrameType Type, byte Flags, int Stream)
{
    public const int HeaderLength = 9;

    /// <summary>SETTINGS_MAX_FRAME_SIZE as neither side changes it.</summary>
    public const int MaxPayload = 16 * 1024;

    /// <summary>Of DATA and HEADERS: the last of its side of the stream.</summary>
    public const byte EndStream = 1;

    /// <summary>Of SETTINGS and PING: the answer to one.</summary>
    public const byte Ack = 1;

    /// <summary>Of HEADERS and CONTINUATION: no continuation follows.</summary>
    public const byte EndHeaders = 4;

    /// <summary>Of DATA and HEADERS: a length of padding comes first.</summary>
    public const byte Padded = 8;

    /// <summary>Of HEADERS: five bytes of priority come first.</summary>
    public const byte Priority = 32;

    public bool Has(byte flag) => (Flags & flag) != 0;

    public static Frame Read(ReadOnlySpan<byte> header) => new(
        (header[0] << 16) | (header[1] << 8) | header[2], (FrameType)header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header[5..]) & int.MaxValue);

    public void Write(Span<byte> header)
    {
        (header[0], header[1], header[2]) = ((byte)(Length >> 16), (byte)(Length >> 8), (byte)Length);
        (header[3], header[4]) = ((byte)Type, Flags);
        BinaryPrimitives.WriteInt32BigEndian(header[5..], Stream);
    }
}
