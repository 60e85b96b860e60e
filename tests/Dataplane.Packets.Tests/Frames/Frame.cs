using System.Buffers.Binary;
using System.Numerics;
using Vallum.Policies.Evaluation;
using Vallum.Primitives;

namespace Vallum.Dataplane.Packets.Tests.Frames;

/// <summary>
/// The first packet of a flow as an Ethernet frame. The last eight bytes are a mark and a number, whatever the protocol, so that a receiver knows each
/// again. <see cref="Renew"/> makes it the first packet of another flow of the same kind.
/// </summary>
internal sealed class Frame
{
    public const ushort TypeV4 = 0x0800;
    public const ushort TypeV6 = 0x86DD;

    private const uint Mark = 0x56414C55;
    private const int TagLength = 8;
    private const int Ethernet = 14;

    private readonly byte[] _bytes;
    private readonly byte _protocol;
    private readonly int _header;
    private ushort _number;

    private Frame(Flow flow, byte hops, uint tag, ReadOnlySpan<byte> router)
    {
        _protocol = flow.Protocol;
        var payload = Payload(flow, tag);
        var v4 = flow.Source.Family == IpFamily.V4;
        _header = Ethernet + (v4 ? 20 : 40);
        _bytes = new byte[_header + payload.Length];
        router.CopyTo(_bytes);
        _bytes.AsSpan(6, 6).Fill(0x02);
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(12), v4 ? TypeV4 : TypeV6);
        var ip = _bytes.AsSpan(Ethernet);
        if (v4)
        {
            ip[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(20 + payload.Length));
            ip[8] = hops;
            ip[9] = flow.Protocol;
            flow.Source.WriteTo(ip[12..]);
            flow.Destination.WriteTo(ip[16..]);
            BinaryPrimitives.WriteUInt16BigEndian(ip[10..], InternetChecksum.Of(ip[..20]));
        }
        else
        {
            ip[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)payload.Length);
            ip[6] = flow.Protocol;
            ip[7] = hops;
            flow.Source.WriteTo(ip[8..]);
            flow.Destination.WriteTo(ip[24..]);
        }

        payload.CopyTo(_bytes.AsSpan(_header));
        Sign(flow, payload.Length);
    }

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <param name="hops">Time to live, or hop limit.</param>
    /// <param name="tag">What <see cref="TagOf"/> finds again.</param>
    /// <param name="router">The six bytes of the interface that is to take the frame.</param>
    public static Frame Of(Flow flow, byte hops, uint tag, ReadOnlySpan<byte> router) => new(flow, hops, tag, router);

    /// <summary>The number in a received frame; null: it is none of ours.</summary>
    public static uint? TagOf(ReadOnlySpan<byte> frame) =>
        frame.Length >= Ethernet + 20 + TagLength && BinaryPrimitives.ReadUInt32BigEndian(frame[^TagLength..]) == Mark
            ? BinaryPrimitives.ReadUInt32BigEndian(frame[^4..])
            : null;

    /// <summary>Another source port, or ICMP id; other protocols have nothing that tells two flows between the same hosts apart.</summary>
    public Frame Renew(ushort number)
    {
        var payload = _bytes.AsSpan(_header);
        switch (_protocol)
        {
            case IpProtocol.Tcp:
                Replace(payload, at: 0, checksum: 16, number);
                break;
            case IpProtocol.Udp:
                Replace(payload, at: 0, checksum: 6, number);
                break;
            case IpProtocol.Icmp or IpProtocol.IcmpV6:
                Replace(payload, at: 4, checksum: 2, number);
                break;
            case IpProtocol.Sctp:
                BinaryPrimitives.WriteUInt16BigEndian(payload, number);
                SignSctp(payload);
                break;
        }

        return this;
    }

    private static byte[] Payload(Flow flow, uint tag)
    {
        var bytes = new byte[HeaderOf(flow.Protocol) + TagLength];
        if (flow.DestinationPort is { } port)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), port);
        }

        switch (flow.Protocol)
        {
            case IpProtocol.Tcp:
                // Five words of header, SYN, a window.
                bytes[12] = 5 << 4;
                bytes[13] = 2;
                bytes[14] = 0x40;
                break;
            case IpProtocol.Udp:
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)bytes.Length);
                break;
            case IpProtocol.Sctp:
                // INIT (RFC 9260, 3.3.2) with a parameter that a receiver is to skip, which holds the tag.
                bytes[12] = 1;
                bytes[15] = 32;
                bytes[19] = 1;
                bytes[22] = 1;
                bytes[25] = 1;
                bytes[27] = 1;
                bytes[32] = 0x80;
                bytes[33] = 0x99;
                bytes[35] = 12;
                break;
            case IpProtocol.Icmp or IpProtocol.IcmpV6:
                bytes[0] = flow.IcmpType ?? 0;
                bytes[1] = flow.IcmpCode ?? 0;
                break;
        }

        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - TagLength), Mark);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - 4), tag);
        return bytes;
    }

    private static int HeaderOf(byte protocol) => protocol switch
    {
        IpProtocol.Tcp => 20,
        IpProtocol.Udp or IpProtocol.Icmp or IpProtocol.IcmpV6 => 8,
        IpProtocol.Sctp => 36,
        // GRE without options is four bytes of zero; to the kernel the others begin with nothing.
        _ => 4,
    };

    /// <summary>The checksums, so that nobody on the way has a reason of its own to refuse the packet.</summary>
    private void Sign(Flow flow, int length)
    {
        var payload = _bytes.AsSpan(_header, length);
        var at = flow.Protocol switch { IpProtocol.Tcp => 16, IpProtocol.Udp => 6, IpProtocol.Icmp or IpProtocol.IcmpV6 => 2, _ => -1 };
        if (flow.Protocol == IpProtocol.Sctp)
        {
            SignSctp(payload);
        }
        else if (at >= 0)
        {
            var pseudo = flow.Protocol == IpProtocol.Icmp ? 0 : PseudoHeader(flow, length);
            BinaryPrimitives.WriteUInt16BigEndian(payload[at..], InternetChecksum.Of(payload, pseudo));
        }
    }

    private static uint PseudoHeader(Flow flow, int length)
    {
        Span<byte> bytes = stackalloc byte[40];
        var written = flow.Source.WriteTo(bytes);
        written += flow.Destination.WriteTo(bytes[written..]);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[written..], (uint)length);
        bytes[written + 7] = flow.Protocol;
        return InternetChecksum.Sum(bytes[..(written + 8)]);
    }

    private void Replace(Span<byte> payload, int at, int checksum, ushort number)
    {
        BinaryPrimitives.WriteUInt16BigEndian(payload[at..], number);
        var before = BinaryPrimitives.ReadUInt16BigEndian(payload[checksum..]);
        BinaryPrimitives.WriteUInt16BigEndian(payload[checksum..], InternetChecksum.Updated(before, _number, number));
        _number = number;
    }

    private static void SignSctp(Span<byte> packet)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(packet[8..], 0);
        var crc = uint.MaxValue;
        foreach (var value in packet)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(packet[8..], ~crc);
    }
}
