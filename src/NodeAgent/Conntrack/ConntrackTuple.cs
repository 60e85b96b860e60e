using Vallum.NodeAgent.Netlink;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Conntrack;

/// <summary>One direction of a conntrack entry. Ports are 0 where the protocol has none; <paramref name="Icmp"/> is type × 256 + code.</summary>
/// <param name="Zone">Of this direction alone; 0 where both have the entry's.</param>
internal readonly record struct ConntrackTuple(
    Address Source, Address Destination, byte Protocol, ushort SourcePort, ushort DestinationPort, ushort Icmp, ushort Zone)
{
    public static ConntrackTuple Read(NetlinkAttributes attributes)
    {
        Address source = default, destination = default;
        byte protocol = 0;
        ushort sourcePort = 0, destinationPort = 0, icmp = 0, zone = 0;
        foreach (var part in attributes)
        {
            switch (part.Type)
            {
                case TupleAttribute.Addresses:
                    foreach (var address in part.Nested)
                    {
                        if (address.Type is AddressAttribute.V4Source or AddressAttribute.V6Source)
                        {
                            source = Address.FromBytes(address.Value);
                        }
                        else
                        {
                            destination = Address.FromBytes(address.Value);
                        }
                    }

                    break;
                case TupleAttribute.Protocol:
                    foreach (var value in part.Nested)
                    {
                        switch (value.Type)
                        {
                            case ProtocolAttribute.Number:
                                protocol = value.U8;
                                break;
                            case ProtocolAttribute.SourcePort:
                                sourcePort = value.U16;
                                break;
                            case ProtocolAttribute.DestinationPort:
                                destinationPort = value.U16;
                                break;
                            case ProtocolAttribute.IcmpType or ProtocolAttribute.IcmpV6Type:
                                icmp |= (ushort)(value.U8 << 8);
                                break;
                            case ProtocolAttribute.IcmpCode or ProtocolAttribute.IcmpV6Code:
                                icmp |= value.U8;
                                break;
                        }
                    }

                    break;
                case TupleAttribute.Zone:
                    zone = part.U16;
                    break;
            }
        }

        return new ConntrackTuple(source, destination, protocol, sourcePort, destinationPort, icmp, zone);
    }

    /// <summary>Addresses and ports change places; not for ICMP.</summary>
    public ConntrackTuple Reversed() => this with
    {
        Source = Destination,
        Destination = Source,
        SourcePort = DestinationPort,
        DestinationPort = SourcePort,
        Zone = 0,
    };

    /// <summary>As an attribute of a request; for protocols with ports.</summary>
    public void Write(NetlinkRequest request, ushort attribute)
    {
        var tuple = request.BeginNested(attribute);
        WriteAddresses(request, Source, Destination);
        var protocol = request.BeginNested(TupleAttribute.Protocol);
        request.Put(ProtocolAttribute.Number, Protocol).Put(ProtocolAttribute.SourcePort, SourcePort)
            .Put(ProtocolAttribute.DestinationPort, DestinationPort).EndNested(protocol);
        if (Zone != 0)
        {
            request.Put(TupleAttribute.Zone, Zone);
        }

        request.EndNested(tuple);
    }

    /// <param name="destination">Null: the source alone.</param>
    public static void WriteAddresses(NetlinkRequest request, Address source, Address? destination)
    {
        Span<byte> bytes = stackalloc byte[16];
        var isV4 = source.Family == IpFamily.V4;
        var addresses = request.BeginNested(TupleAttribute.Addresses);
        request.Put(isV4 ? AddressAttribute.V4Source : AddressAttribute.V6Source, bytes[..source.WriteTo(bytes)]);
        if (destination is { } to)
        {
            request.Put(isV4 ? AddressAttribute.V4Destination : AddressAttribute.V6Destination, bytes[..to.WriteTo(bytes)]);
        }

        request.EndNested(addresses);
    }
}
