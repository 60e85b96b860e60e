using Vallum.Primitives;

namespace Vallum.Policies.Evaluation;

/// <summary>
/// The first packet of a connection or exchange, after DNAT: <see cref="Destination"/> is who really gets it. Later packets and replies
/// follow the first one and are never judged.
/// </summary>
public sealed record Flow
{
    /// <param name="destinationPort">Of tcp, udp and sctp, and only of these.</param>
    /// <param name="icmpType">Of icmp and icmpv6, and only of these.</param>
    /// <param name="icmpCode">Likewise.</param>
    /// <exception cref="ArgumentException">The families differ, or the protocol lacks what it needs or has what it cannot have.</exception>
    public Flow(
        Address source, Address destination, byte protocol, ushort? destinationPort = null, byte? icmpType = null, byte? icmpCode = null)
    {
        if (source.Family != destination.Family)
        {
            throw new ArgumentException($"{source} and {destination} are of different IP families.", nameof(destination));
        }

        if (IpProtocol.HasPorts(protocol) != destinationPort.HasValue)
        {
            var must = destinationPort.HasValue ? "has no ports" : "needs a destination port";
            throw new ArgumentException($"A flow of protocol {IpProtocol.Name(protocol)} {must}.", nameof(destinationPort));
        }

        var isIcmp = protocol is IpProtocol.Icmp or IpProtocol.IcmpV6;
        if (isIcmp != icmpType.HasValue || isIcmp != icmpCode.HasValue)
        {
            var must = isIcmp ? "needs an ICMP type and code" : "has no ICMP type or code";
            throw new ArgumentException($"A flow of protocol {IpProtocol.Name(protocol)} {must}.", nameof(icmpType));
        }

        Source = source;
        Destination = destination;
        Protocol = protocol;
        DestinationPort = destinationPort;
        IcmpType = icmpType;
        IcmpCode = icmpCode;
    }

    public Address Source { get; }

    public Address Destination { get; }

    public byte Protocol { get; }

    public ushort? DestinationPort { get; }

    public byte? IcmpType { get; }

    public byte? IcmpCode { get; }

    /// <summary>
    /// Router and neighbour solicitations and neighbour advertisements (RFC 4861: 133, 135, 136): without them IPv6 does not work at all.
    /// Router advertisements and redirects are a router's word and are judged as any other flow.
    /// </summary>
    public bool IsNeighbourDiscovery =>
        Source.Family == IpFamily.V6 && Protocol == IpProtocol.IcmpV6 && IcmpType is 133 or 135 or 136;

    /// <summary>
    /// What a node and its link say to each other: neighbour discovery whole (133 to 137) and the queries and reports of multicast listeners (130 to 132,
    /// 143), without which a switch that snoops keeps solicitations back.
    /// </summary>
    public bool IsLinkUpkeep => Source.Family == IpFamily.V6 && Protocol == IpProtocol.IcmpV6 && IcmpType is (>= 130 and <= 137) or 143;

    public static Flow Tcp(Address source, Address destination, ushort port) => new(source, destination, IpProtocol.Tcp, port);

    public static Flow Udp(Address source, Address destination, ushort port) => new(source, destination, IpProtocol.Udp, port);

    public static Flow Sctp(Address source, Address destination, ushort port) => new(source, destination, IpProtocol.Sctp, port);

    public static Flow Icmp(Address source, Address destination, byte type, byte code = 0) =>
        new(source, destination, IpProtocol.Icmp, icmpType: type, icmpCode: code);

    public static Flow IcmpV6(Address source, Address destination, byte type, byte code = 0) =>
        new(source, destination, IpProtocol.IcmpV6, icmpType: type, icmpCode: code);

    /// <summary>"10.0.0.1 → 10.0.0.2 tcp/80", "… icmp/8.0", "… 47".</summary>
    public override string ToString()
    {
        var service = DestinationPort is { } port ? $"/{port}" : IcmpType is { } type ? $"/{type}.{IcmpCode}" : "";
        return $"{Source} → {Destination} {IpProtocol.Name(Protocol)}{service}";
    }
}
