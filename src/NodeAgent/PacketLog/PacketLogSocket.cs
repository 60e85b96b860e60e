using System.Buffers.Binary;
using Vallum.NodeAgent.Netlink;

namespace Vallum.NodeAgent.PacketLog;

/// <summary>Listens to one NFLOG group, in the network namespace of the thread that opens it. One caller at a time.</summary>
internal sealed class PacketLogSocket : IDisposable
{
    /// <summary>The group of rules with `log` where no other is chosen.</summary>
    public const ushort GroupOfRules = 9;

    // Of a packet: IPv6 with some extension headers and the ports behind them.
    private const uint PacketBytes = 128;

    // How long the kernel may gather messages: hundredths of a second.
    private const uint GatherHundredths = 10;

    private const byte Configure = 1;
    private const ushort CommandAttribute = 1;
    private const ushort ModeAttribute = 2;
    private const ushort TimeoutAttribute = 4;
    private const byte Bind = 1;
    private const byte CopyPacket = 2;

    private readonly NetlinkSocket _socket;

    private PacketLogSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Messages that came faster than they were read: how often the kernel had to drop some.</summary>
    public long Overruns { get; private set; }

    /// <param name="group">0..65535; one listener each.</param>
    /// <exception cref="NetlinkException">There is no NFLOG here, or somebody else listens to the group.</exception>
    public static PacketLogSocket Open(ushort group)
    {
        var socket = NetlinkSocket.Open(wait: TimeSpan.FromMilliseconds(500));
        try
        {
            using var request = new NetlinkRequest();
            request.Begin(NetfilterSubsystem.Log, Configure, NetlinkFlags.Ack, resource: group).Put(CommandAttribute, Bind);
            Check(socket, request, group);

            // struct nfulnl_msg_config_mode: how much of a packet, and that packets are wanted at all.
            Span<byte> mode = stackalloc byte[6];
            BinaryPrimitives.WriteUInt32BigEndian(mode, PacketBytes);
            mode[4] = CopyPacket;
            mode[5] = 0;
            request.Begin(NetfilterSubsystem.Log, Configure, NetlinkFlags.Ack, resource: group)
                .Put(ModeAttribute, (ReadOnlySpan<byte>)mode).PutPlain(TimeoutAttribute, GatherHundredths);
            Check(socket, request, group);
            return new PacketLogSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits for packets, half a second at most.</summary>
    /// <exception cref="NetlinkException">The socket failed. That packets were lost is no failure: they are counted.</exception>
    public void Read(Action<LoggedPacket> each)
    {
        try
        {
            var received = _socket.Receive();
            while (NetlinkMessage.TryCut(ref received, out var message))
            {
                if (LoggedPacket.Read(message) is { } packet)
                {
                    each(packet);
                }
            }
        }
        catch (NetlinkException e) when (e.Error == Libc.NoBufferSpace)
        {
            Overruns++;
        }
    }

    public void Dispose() => _socket.Dispose();

    private static void Check(NetlinkSocket socket, NetlinkRequest request, ushort group)
    {
        if (socket.Ask(request) is not 0 and var error)
        {
            throw new NetlinkException($"NFLOG group {group}", error);
        }
    }
}
