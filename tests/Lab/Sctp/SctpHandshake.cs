using System.Buffers.Binary;
using System.Text;

namespace Vallum.Lab.Sctp;

/// <summary>The values of the four messages that set an association up; the cookie carries the server's name.</summary>
internal static class SctpHandshake
{
    /// <summary>Tag, receive window, streams out and in, first sequence number: RFC 9260, section 3.3.2.</summary>
    private const int InitLength = 16;

    /// <summary>The parameter "State Cookie" of an INIT ACK.</summary>
    private const ushort StateCookie = 7;

    public static byte[] Init(uint tag)
    {
        var init = new byte[InitLength];
        BinaryPrimitives.WriteUInt32BigEndian(init, tag);
        BinaryPrimitives.WriteUInt32BigEndian(init.AsSpan(4), 65536);
        BinaryPrimitives.WriteUInt16BigEndian(init.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt16BigEndian(init.AsSpan(10), 1);
        BinaryPrimitives.WriteUInt32BigEndian(init.AsSpan(12), tag);
        return init;
    }

    /// <summary>The answer to an INIT with <paramref name="clientTag"/>; nothing of it is kept, the cookie brings it back.</summary>
    public static byte[] InitAck(uint serverTag, uint clientTag, string server)
    {
        var name = Encoding.UTF8.GetBytes(server);
        var ack = new byte[InitLength + 4 + 4 + name.Length];
        Init(serverTag).CopyTo(ack, 0);
        BinaryPrimitives.WriteUInt16BigEndian(ack.AsSpan(InitLength), StateCookie);
        BinaryPrimitives.WriteUInt16BigEndian(ack.AsSpan(InitLength + 2), (ushort)(4 + 4 + name.Length));
        BinaryPrimitives.WriteUInt32BigEndian(ack.AsSpan(InitLength + 4), clientTag);
        name.CopyTo(ack, InitLength + 8);
        return ack;
    }

    /// <summary>The tag that the sender of an INIT or INIT ACK wants to see on what it is sent.</summary>
    public static uint TagOf(ReadOnlyMemory<byte> init) => BinaryPrimitives.ReadUInt32BigEndian(init.Span);

    public static ReadOnlyMemory<byte> CookieOf(ReadOnlyMemory<byte> initAck) => initAck[(InitLength + 4)..];

    public static uint ClientTagOf(ReadOnlyMemory<byte> cookie) => BinaryPrimitives.ReadUInt32BigEndian(cookie.Span);

    public static string ServerOf(ReadOnlyMemory<byte> cookie) => Encoding.UTF8.GetString(cookie.Span[4..]);

    public static bool IsInit(ReadOnlyMemory<byte> body) => body.Length >= InitLength;

    public static bool IsInitAck(ReadOnlyMemory<byte> body) => body.Length >= InitLength + 4 + 4;

    public static bool IsCookie(ReadOnlyMemory<byte> body) => body.Length >= 4;
}
