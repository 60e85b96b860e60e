using System.Globalization;
using Vallum.Primitives;

namespace Vallum.Dataplane.Judging;

/// <summary>
/// The first packet of a connection or exchange, after DNAT. <paramref name="Port"/>: the destination's, or for ICMP type × 256 + code, else 0.
/// </summary>
public readonly record struct Flow(Address Source, Address Destination, byte Protocol, ushort Port)
{
    /// <summary>"10.0.0.1 → 10.0.0.2 tcp/80", "… icmp/8.0", "… 47".</summary>
    public override string ToString()
    {
        var service = Protocol switch
        {
            IpProtocol.Icmp or IpProtocol.IcmpV6 => string.Create(CultureInfo.InvariantCulture, $"/{Port >> 8}.{Port & 255}"),
            _ when IpProtocol.HasPorts(Protocol) => string.Create(CultureInfo.InvariantCulture, $"/{Port}"),
            _ => "",
        };
        return $"{Source} → {Destination} {IpProtocol.Name(Protocol)}{service}";
    }
}
