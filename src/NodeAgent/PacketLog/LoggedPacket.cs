using System.Buffers.Binary;
using Vallum.Dataplane.Judging;
using Vallum.NodeAgent.Netlink;

namespace Vallum.NodeAgent.PacketLog;

/// <summary>A packet that an NFLOG rule sent up (linux/netfilter/nfnetlink_log.h).</summary>
/// <param name="At">When the kernel took it in; null where it does not say.</param>
/// <param name="In">Index of the interface that it came from; 0: none.</param>
/// <param name="Out">Index of the interface that it leaves by; 0: none.</param>
/// <param name="SourcePort">0 where the protocol has none.</param>
internal sealed record LoggedPacket(DateTimeOffset? At, string Prefix, uint In, uint Out, Flow Flow, ushort SourcePort)
{
    /// <summary>Of an NFLOG message.</summary>
    public const byte Command = 0;

    private const ushort TimeAttribute = 3;
    private const ushort InAttribute = 4;
    private const ushort OutAttribute = 5;
    private const ushort PayloadAttribute = 9;
    private const ushort PrefixAttribute = 10;

    /// <summary>Null for what is no message of a packet, or no IP packet that can be read.</summary>
    public static LoggedPacket? Read(NetlinkMessage message)
    {
        if (message.Subsystem != NetfilterSubsystem.Log || message.Command != Command)
        {
            return null;
        }

        DateTimeOffset? at = null;
        var prefix = "";
        uint from = 0, to = 0;
        PacketHeader? header = null;
        foreach (var attribute in message.Attributes)
        {
            switch (attribute.Type)
            {
                case TimeAttribute when attribute.Value.Length >= 16:
                    // Seconds and microseconds.
                    at = DateTimeOffset.FromUnixTimeSeconds((long)attribute.U64)
                        .AddMicroseconds(BinaryPrimitives.ReadUInt64BigEndian(attribute.Value[8..]));
                    break;
                case InAttribute:
                    from = attribute.U32;
                    break;
                case OutAttribute:
                    to = attribute.U32;
                    break;
                case PrefixAttribute:
                    prefix = attribute.Text;
                    break;
                case PayloadAttribute:
                    header = PacketHeader.Read(attribute.Value);
                    break;
            }
        }

        return header is { } read ? new LoggedPacket(at, prefix, from, to, read.Flow, read.SourcePort) : null;
    }
}
