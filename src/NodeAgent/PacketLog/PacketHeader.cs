using System.Buffers.Binary;
using Vallum.Dataplane.Judging;
using Vallum.Primitives;

namespace Vallum.NodeAgent.PacketLog;

/// <summary>What the first bytes of a packet say about its flow. <paramref name="SourcePort"/> is 0 where the protocol has none.</summary>
internal readonly record struct PacketHeader(Flow Flow, ushort SourcePort)
{
    private const int V4Bytes = 20;
    private const int V6Bytes = 40;

    /// <summary>Null for what is not the beginning of an IPv4 or IPv6 packet. A port that was cut off, or is in another fragment, reads as 0.</summary>
    public static PacketHeader? Read(ReadOnlySpan<byte> packet) => packet.IsEmpty ? null : (packet[0] >> 4) switch
    {
        4 when packet.Length >= V4Bytes => ReadV4(packet),
        6 when packet.Length >= V6Bytes => ReadV6(packet),
        _ => null,
    };

    /// <summary>RFC 791.</summary>
    private static PacketHeader ReadV4(ReadOnlySpan<byte> packet)
    {
        var length = (packet[0] & 15) * 4;
        var isFirst = (BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) & 0x1FFF) == 0;
        return Of(
            Address.FromBytes(packet[12..16]), Address.FromBytes(packet[16..20]), packet[9], isFirst && packet.Length > length ? packet[length..] : []);
    }

    /// <summary>RFC 8200: extension headers lie between the header and the protocol's.</summary>
    private static PacketHeader ReadV6(ReadOnlySpan<byte> packet)
    {
        var (source, destination) = (Address.FromBytes(packet[8..24]), Address.FromBytes(packet[24..40]));
        var protocol = packet[6];
        var rest = packet[V6Bytes..];
        while (rest.Length >= 8 && ExtensionBytes(protocol, rest) is > 0 and var bytes)
        {
            var isLaterFragment = protocol == 44 && (BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) & 0xFFF8) != 0;
            protocol = rest[0];
            rest = isLaterFragment || rest.Length < bytes ? [] : rest[bytes..];
        }

        return Of(source, destination, protocol, rest);
    }

    /// <summary>0 for what is no extension header: hop-by-hop, routing, destination options, fragment, authentication.</summary>
    private static int ExtensionBytes(byte protocol, ReadOnlySpan<byte> header) => protocol switch
    {
        0 or 43 or 60 => (header[1] + 1) * 8,
        44 => 8,
        51 => (header[1] + 2) * 4,
        _ => 0,
    };

    private static PacketHeader Of(Address source, Address destination, byte protocol, ReadOnlySpan<byte> payload)
    {
        if (IpProtocol.HasPorts(protocol) && payload.Length >= 4)
        {
            return new PacketHeader(
                new Flow(source, destination, protocol, BinaryPrimitives.ReadUInt16BigEndian(payload[2..])), BinaryPrimitives.ReadUInt16BigEndian(payload));
        }

        // Type and code are the first two bytes.
        var isIcmp = protocol is IpProtocol.Icmp or IpProtocol.IcmpV6 && payload.Length >= 2;
        return new PacketHeader(new Flow(source, destination, protocol, isIcmp ? BinaryPrimitives.ReadUInt16BigEndian(payload) : (ushort)0), 0);
    }
}
