using Vallum.Dataplane.Judging;
using Vallum.NodeAgent.Netlink;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Conntrack;

/// <summary>A flow that the kernel remembers.</summary>
/// <param name="Zone">Of both directions; 0 is the default zone.</param>
/// <param name="Id">The kernel's own: a later flow of the same addresses and ports has another.</param>
/// <param name="Timeout">Seconds until it is forgotten if no packet comes.</param>
internal readonly record struct ConntrackEntry(ConntrackTuple Original, ConntrackTuple Reply, ushort Zone, uint Id, uint Timeout)
{
    /// <summary>
    /// What the forward chain saw of its first packet: before SNAT, so the source is the original one; after DNAT, so who answers is the destination.
    /// </summary>
    public Flow Flow => new(
        Original.Source,
        Reply.Source,
        Original.Protocol,
        IpProtocol.HasPorts(Original.Protocol) ? Reply.SourcePort : Original.Icmp);

    /// <param name="original">The tuple's attributes as they came, for a request that names the entry.</param>
    public static ConntrackEntry Read(NetlinkMessage message, out ReadOnlySpan<byte> original)
    {
        original = default;
        ConntrackTuple there = default, back = default;
        ushort zone = 0;
        uint id = 0, timeout = 0;
        foreach (var attribute in message.Attributes)
        {
            switch (attribute.Type)
            {
                case EntryAttribute.Original:
                    original = attribute.Value;
                    there = ConntrackTuple.Read(attribute.Nested);
                    break;
                case EntryAttribute.Reply:
                    back = ConntrackTuple.Read(attribute.Nested);
                    break;
                case EntryAttribute.Zone:
                    zone = attribute.U16;
                    break;
                case EntryAttribute.Id:
                    id = attribute.U32;
                    break;
                case EntryAttribute.Timeout:
                    timeout = attribute.U32;
                    break;
            }
        }

        return new ConntrackEntry(there, back, zone, id, timeout);
    }
}
