using System.Buffers.Binary;

namespace Vallum.Dataplane.Packets.Tests.Frames;

/// <summary>The ones' complement sum of RFC 1071, and its update of RFC 1624.</summary>
internal static class InternetChecksum
{
    /// <summary>Of bytes whose own checksum field is zero, on top of <paramref name="before"/>.</summary>
    public static ushort Of(ReadOnlySpan<byte> bytes, uint before = 0) => (ushort)~Fold(before + Sum(bytes));

    public static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var at = 0; at + 1 < bytes.Length; at += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
        }

        return bytes.Length % 2 == 0 ? sum : sum + ((uint)bytes[^1] << 8);
    }

    /// <summary>The checksum after one word under it has changed.</summary>
    public static ushort Updated(ushort checksum, ushort from, ushort to) => (ushort)~Fold((uint)(ushort)~checksum + (ushort)~from + to);

    private static uint Fold(uint sum)
    {
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return sum;
    }
}
