using System.Buffers.Binary;
using Google.Protobuf;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Decoding;

/// <summary>Addresses, blocks and group members as the stream packs them.</summary>
internal static class WireAddress
{
    /// <exception cref="FormatException">Not 4 or 16 bytes.</exception>
    public static Address Address(ByteString bytes) =>
        bytes.Length is 4 or 16 ? Primitives.Address.FromBytes(bytes.Span) : throw new FormatException($"an address of {bytes.Length} bytes");

    /// <summary>4 or 16 address bytes and one of prefix length.</summary>
    /// <exception cref="FormatException">Other lengths, or a prefix longer than the address.</exception>
    public static Cidr Block(ByteString bytes) =>
        bytes.Length is 5 or 17 ? Block(bytes.Span) : throw new FormatException($"a block of {bytes.Length} bytes");

    /// <summary>A block, or a block that is one address with one byte of protocol and two of port behind it.</summary>
    /// <exception cref="FormatException">Other lengths, or a prefix that does not fit.</exception>
    public static SetMember Member(ByteString bytes)
    {
        switch (bytes.Length)
        {
            case 5 or 17:
                return new SetMember(Block(bytes.Span));
            case 8 or 20:
                var net = Block(bytes.Span[..^3]);
                var port = BinaryPrimitives.ReadUInt16BigEndian(bytes.Span[^2..]);
                return net.Length > 0 ? new SetMember(net, bytes.Span[^3], port) : throw new FormatException("a port of every address");
            default:
                throw new FormatException($"a member of {bytes.Length} bytes");
        }
    }

    private static Cidr Block(ReadOnlySpan<byte> bytes)
    {
        var address = Primitives.Address.FromBytes(bytes[..^1]);
        return bytes[^1] <= address.Width
            ? Cidr.Containing(address, bytes[^1])
            : throw new FormatException($"a prefix of {bytes[^1]} bits");
    }
}
