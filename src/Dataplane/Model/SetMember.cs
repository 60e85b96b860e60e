using System.Globalization;
using System.Text;
using Vallum.Primitives;

namespace Vallum.Dataplane.Model;

/// <summary>
/// One member of a group and, the same value, of a kernel set: a block of addresses; with <see cref="Protocol"/> a block, protocol and port (of ICMP
/// type × 256 + code, of a protocol without ports 0); with <see cref="Interface"/> a block behind an interface. <see cref="NoMatch"/> cuts the block out of a wider one of the same set.
/// </summary>
public readonly record struct SetMember(Cidr Net, byte? Protocol = null, ushort Port = 0, string? Interface = null, bool NoMatch = false)
    : IComparable<SetMember>
{
    public int CompareTo(SetMember other)
    {
        var order = Net.CompareTo(other.Net);
        order = order != 0 ? order : (Protocol ?? -1).CompareTo(other.Protocol ?? -1);
        order = order != 0 ? order : Port.CompareTo(other.Port);
        order = order != 0 ? order : string.CompareOrdinal(Interface, other.Interface);
        return order != 0 ? order : NoMatch.CompareTo(other.NoMatch);
    }

    /// <summary>
    /// As `ipset restore` reads it. The protocol is a number: for a name ipset opens /etc/protocols once per member, which doubles the time.
    /// </summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(Net.ToString());
        if (Protocol is { } protocol)
        {
            text.Append(CultureInfo.InvariantCulture, $",{protocol}:");
            if (protocol is IpProtocol.Icmp or IpProtocol.IcmpV6)
            {
                // ICMP is read as type/code only.
                text.Append(CultureInfo.InvariantCulture, $"{Port >> 8}/{Port & 255}");
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"{Port}");
            }
        }

        if (Interface is not null)
        {
            text.Append(',').Append(Interface);
        }

        return NoMatch ? text.Append(" nomatch").ToString() : text.ToString();
    }
}
