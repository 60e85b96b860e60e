using System.Runtime.InteropServices;

namespace Vallum.NodeAgent.Netlink;

/// <summary>One message from the kernel, valid as long as the buffer that it was received into.</summary>
internal readonly ref struct NetlinkMessage(ReadOnlySpan<byte> bytes)
{
    /// <summary>NLMSG_ERROR: an answer, good or bad.</summary>
    public const ushort ErrorType = 2;

    /// <summary>NLMSG_DONE: the end of several.</summary>
    public const ushort DoneType = 3;

    private const int NetfilterBytes = 4;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public ushort Type => MemoryMarshal.Read<ushort>(_bytes[4..]);

    public NetfilterSubsystem Subsystem => (NetfilterSubsystem)(Type >> 8);

    public byte Command => (byte)Type;

    public NetlinkFlags Flags => (NetlinkFlags)MemoryMarshal.Read<ushort>(_bytes[6..]);

    public uint Sequence => MemoryMarshal.Read<uint>(_bytes[8..]);

    /// <summary>Of an answer or the end of several: 0, or an errno.</summary>
    public int Error => _bytes.Length >= NetlinkRequest.HeaderBytes + 4 ? -MemoryMarshal.Read<int>(_bytes[NetlinkRequest.HeaderBytes..]) : 0;

    /// <summary>Of an error: the message that it answers, or its header alone.</summary>
    public NetlinkMessage Refused => new(_bytes[(NetlinkRequest.HeaderBytes + 4)..]);

    /// <summary>Address family of netfilter's own header.</summary>
    public byte Family => _bytes[NetlinkRequest.HeaderBytes];

    /// <summary>Behind netfilter's own header; none where the message ends before.</summary>
    public NetlinkAttributes Attributes =>
        new(_bytes.Length > NetlinkRequest.HeaderBytes + NetfilterBytes ? _bytes[(NetlinkRequest.HeaderBytes + NetfilterBytes)..] : []);

    /// <summary>Cuts the next message from what was received; false at the end, and where the rest is no message.</summary>
    public static bool TryCut(ref ReadOnlySpan<byte> received, out NetlinkMessage message)
    {
        message = default;
        if (received.Length < NetlinkRequest.HeaderBytes)
        {
            return false;
        }

        var length = MemoryMarshal.Read<uint>(received);
        if (length < NetlinkRequest.HeaderBytes || length > received.Length)
        {
            return false;
        }

        message = new NetlinkMessage(received[..(int)length]);
        received = received[Math.Min(received.Length, ((int)length + 3) & ~3)..];
        return true;
    }
}
