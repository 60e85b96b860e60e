using Vallum.NodeAgent.Netlink;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Conntrack;

/// <summary>
/// Keeps a flow that was ended from coming back. To forget it is not enough: the next packet of the side that was asked (a server's push, a
/// retransmission, a keepalive) would begin a flow of its own in the other direction, which that endpoint's egress most often allows, and within that
/// flow the packets of the side that may no longer ask would pass as replies.
/// <para>
/// A hold is an entry of the same flow whose replies are expected in a conntrack zone where no packet ever is. What the asking side sends belongs to
/// it, was never answered, and so is judged by the policies packet by packet. What the other side sends does not belong to it; as a new flow it has
/// the hold's tuple for its replies, and the kernel drops a packet whose flow collides with one that is there (nf_conntrack_confirm). No rule and no
/// mark is needed, and the way of other packets is as long as before.
/// </para>
/// </summary>
/// <param name="Tuple">From the asking side to the one that answers, after DNAT.</param>
/// <param name="Seconds">It goes by itself after this time, whatever packets come.</param>
internal readonly record struct Hold(ConntrackTuple Tuple, uint Seconds)
{
    /// <summary>The zone of the replies that never come.</summary>
    public const ushort Zone = 0x7A11;

    // A server that is no longer answered gives up after about 15 minutes (tcp_retries2); an idle TCP flow lives for days, and so does its hold.
    // Of UDP nobody knows when it ends: what is still sent after this time is a flow of its own, for the policies to judge.
    private const uint UdpSeconds = 300;
    private const uint LeastSeconds = 120;

    private const ushort TcpState = 1;
    private const ushort State = 1;
    private const ushort OriginalFlags = 4;
    private const ushort ReplyFlags = 5;
    private const byte TimeWait = 7;
    private const byte CloseInit = 4;

    private const ushort NatV4First = 1;
    private const ushort NatV6First = 4;

    private const uint Confirmed = 1 << 3;
    private const uint FixedTimeout = 1 << 10;

    /// <summary>Null: flows of this protocol do not come back, because conntrack takes no packet from their middle for a new one.</summary>
    public static Hold? Of(in ConntrackEntry entry)
    {
        if (entry.Zone != 0 || entry.Reply.Zone != 0 || entry.Original.Zone != 0)
        {
            return null;
        }

        return entry.Original.Protocol switch
        {
            IpProtocol.Tcp => new Hold(entry.Reply.Reversed(), Math.Max(entry.Timeout, LeastSeconds)),
            IpProtocol.Udp => new Hold(entry.Reply.Reversed(), UdpSeconds),
            _ => null,
        };
    }

    public void Write(NetlinkRequest request)
    {
        Tuple.Write(request, EntryAttribute.Original);
        (Tuple.Reversed() with { Zone = Zone }).Write(request, EntryAttribute.Reply);
        request.PutPlain(EntryAttribute.Timeout, Seconds).PutPlain(EntryAttribute.Status, Confirmed | FixedTimeout);
        if (Tuple.Protocol == IpProtocol.Tcp)
        {
            WriteTcpState(request);
        }
        else
        {
            WriteNat(request);
        }
    }

    /// <summary>As a connection that was closed: a SYN of the same addresses and ports ends the hold and begins a new one.</summary>
    private static void WriteTcpState(NetlinkRequest request)
    {
        var state = request.BeginNested(EntryAttribute.ProtocolState);
        var tcp = request.BeginNested(TcpState);
        request.Put(State, TimeWait).Put(OriginalFlags, [CloseInit, CloseInit]).Put(ReplyFlags, [CloseInit, CloseInit]).EndNested(tcp);
        request.EndNested(state);
    }

    /// <summary>
    /// The destination is translated to itself. For UDP the kernel gives a packet whose flow collides to the flow that is there, and lets it pass;
    /// not, however, to one that has been through NAT (nf_ct_resolve_clash).
    /// </summary>
    private void WriteNat(NetlinkRequest request)
    {
        Span<byte> bytes = stackalloc byte[16];
        var nat = request.BeginNested(EntryAttribute.NatDestination);
        var address = bytes[..Tuple.Destination.WriteTo(bytes)];
        request.Put(Tuple.Destination.Family == IpFamily.V4 ? NatV4First : NatV6First, address).EndNested(nat);
    }
}
