using System.Buffers.Binary;
using System.Numerics;

namespace Vallum.Lab.Sctp;

/// <summary>The chunk types of RFC 9260 that set an association up and end it.</summary>
internal enum SctpChunk : byte
{
    Init = 1,
    InitAck = 2,
    Abort = 6,
    CookieEcho = 10,
    CookieAck = 11,
}

/// <summary>An SCTP packet of one chunk: RFC 9260, section 3.</summary>
/// <param name="Tag">The verification tag: what the receiver named in its INIT or INIT ACK, 0 on an INIT.</param>
/// <param name="Body">The chunk's value, without its padding.</param>
internal readonly record struct SctpPacket(int SourcePort, int DestinationPort, uint Tag, SctpChunk Chunk, ReadOnlyMemory<byte> Body)
{
    private const int CommonHeader = 12;
    private const int ChunkHeader = 4;

    /// <summary>Null for what is no SCTP packet, or carries a checksum that is not its own.</summary>
    public static SctpPacket? Read(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < CommonHeader + ChunkHeader)
        {
            return null;
        }
        var length = BinaryPrimitives.ReadUInt16BigEndian(span[14..]);
        if (length < ChunkHeader || CommonHeader + length > span.Length || BinaryPrimitives.ReadUInt32LittleEndian(span[8..]) != Checksum(span))
        {
            return null;
        }
        return new SctpPacket(
            BinaryPrimitives.ReadUInt16BigEndian(span),
            BinaryPrimitives.ReadUInt16BigEndian(span[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(span[4..]),
            (SctpChunk)span[12],
            bytes.Slice(CommonHeader + ChunkHeader, length - ChunkHeader));
    }

    public byte[] Write()
    {
        // A chunk is padded to four bytes; its length does not count the padding.
        var bytes = new byte[CommonHeader + ChunkHeader + ((Body.Length + 3) & ~3)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)DestinationPort);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), Tag);
        bytes[12] = (byte)Chunk;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), (ushort)(ChunkHeader + Body.Length));
        Body.Span.CopyTo(bytes.AsSpan(CommonHeader + ChunkHeader));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Checksum(bytes));
        return bytes;
    }

    /// <summary>CRC-32C over the packet with its checksum as zero (RFC 9260, appendix A).</summary>
    private static uint Checksum(ReadOnlySpan<byte> packet)
    {
        var crc = uint.MaxValue;
        for (var index = 0; index < packet.Length; index++)
        {
            crc = BitOperations.Crc32C(crc, index is >= 8 and < 12 ? (byte)0 : packet[index]);
        }
        return ~crc;
    }
}
