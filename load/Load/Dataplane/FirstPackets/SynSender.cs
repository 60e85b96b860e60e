using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Vallum.Load.Dataplane.Connections;
using Vallum.Load.Dataplane.Testbed;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.FirstPackets;

/// <summary>
/// Sends TCP SYNs of ever new flows into a router's link, below the client's own stack. A pair of veths hands a packet over inside the send, so the
/// router has dealt with it when the call returns: wall time per packet is what a first packet costs, plus what is alike for all routers. Used by
/// one thread, in the client's namespace, which has the link.
/// </summary>
internal sealed unsafe class SynSender : IDisposable
{
    private const int Batch = 64;
    private const int FrameBytes = 54;
    private const int FirstPort = 1024;

    // Ethernet 14, IPv4 20, then TCP: source port, destination port, sequence.
    private const int Ip = 14;
    private const int Tcp = 34;

    private readonly int _socket;
    private readonly byte* _frames;
    private readonly Native.MessageHeaderWithLength* _messages;
    private readonly Native.Vector* _vectors;
    private int _port = FirstPort;

    public SynSender(Router router)
        : this(router, router.Client, ResponseServer.Port)
    {
    }

    /// <param name="source">Whoever's it is: a router of a park asks no questions.</param>
    public SynSender(Router router, Address source, ushort port)
    {
        const int PacketLevel = 263;
        const int BypassQueue = 20;
        _socket = Native.Socket(Native.Packet, Native.Raw, 0);
        Native.Check(_socket, "socket(AF_PACKET)");
        var link = new Native.LinkAddress
        {
            Family = Native.Packet,
            Interface = (int)Native.InterfaceIndex(router.Link),
        };
        Native.Check(Native.Bind(_socket, &link, sizeof(Native.LinkAddress)), $"bind to {router.Link}");
        Native.SetOption(_socket, PacketLevel, BypassQueue, [1, 0, 0, 0]);
        _frames = (byte*)NativeMemory.AllocZeroed(Batch * FrameBytes);
        _messages = (Native.MessageHeaderWithLength*)NativeMemory.AllocZeroed((nuint)(Batch * sizeof(Native.MessageHeaderWithLength)));
        _vectors = (Native.Vector*)NativeMemory.AllocZeroed((nuint)(Batch * sizeof(Native.Vector)));
        for (var i = 0; i < Batch; i++)
        {
            Write(new Span<byte>(_frames + (i * FrameBytes), FrameBytes), router, source, port);
            _vectors[i] = new Native.Vector { Bytes = _frames + (i * FrameBytes), Length = FrameBytes };
            _messages[i] = new Native.MessageHeaderWithLength { Vectors = _vectors + i, VectorCount = 1 };
        }
    }

    public void Dispose()
    {
        _ = Native.Close(_socket);
        NativeMemory.Free(_frames);
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
    }

    /// <summary>Sends this many batches, of at most 64 packets each, and gives nanoseconds per packet of the middle one.</summary>
    public double Block(int batches, int packets = Batch)
    {
        Span<double> durations = stackalloc double[batches];
        for (var i = 0; i < batches; i++)
        {
            NextFlows();
            var start = Stopwatch.GetTimestamp();
            var sent = Native.SendMany(_socket, _messages, (uint)packets, 0);
            durations[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / packets;
            if (Native.Check(sent, "sendmmsg") != packets)
            {
                throw new InvalidOperationException($"sendmmsg took {sent} of {packets} packets");
            }
        }

        durations.Sort();
        return Measuring.Spread.At(durations, 0.5);
    }

    /// <summary>Other source ports. The low half of the sequence number goes down as the port goes up: the checksum stays right.</summary>
    private void NextFlows()
    {
        for (var i = 0; i < Batch; i++)
        {
            var tcp = new Span<byte>(_frames + (i * FrameBytes) + Tcp, 20);
            BinaryPrimitives.WriteUInt16BigEndian(tcp, (ushort)_port);
            BinaryPrimitives.WriteUInt16BigEndian(tcp[6..], (ushort)(ushort.MaxValue - _port));
            _port = _port == ushort.MaxValue ? FirstPort : _port + 1;
        }
    }

    private static void Write(Span<byte> frame, Router router, Address source, ushort port)
    {
        router.Mac.CopyTo(frame);
        router.ClientMac.CopyTo(frame[6..]);
        frame[12] = 8;
        var ip = frame[Ip..Tcp];
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], 40);
        ip[8] = 64;
        ip[9] = 6;
        source.WriteTo(ip[12..]);
        router.Server.WriteTo(ip[16..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum(ip, 0));
        var tcp = frame[Tcp..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 0);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], port);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[6..], ushort.MaxValue);
        tcp[12] = 5 << 4;
        tcp[13] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 64000);

        // Of the pseudo header: both addresses, protocol and length.
        uint pseudo = 6 + 20;
        for (var i = 12; i < 20; i += 2)
        {
            pseudo += BinaryPrimitives.ReadUInt16BigEndian(ip[i..]);
        }

        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Checksum(tcp, pseudo));
    }

    private static ushort Checksum(ReadOnlySpan<byte> bytes, uint sum)
    {
        for (var i = 0; i < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
