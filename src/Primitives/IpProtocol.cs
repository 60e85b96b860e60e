namespace Vallum.Primitives;

/// <summary>The IP protocol numbers that have a name here (IANA protocol-numbers). A rule may name any number 0..255 as <see cref="byte"/>.</summary>
public static class IpProtocol
{
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;
    public const byte IcmpV6 = 58;
    public const byte Sctp = 132;

    /// <summary>True for the protocols whose packets carry ports that a rule can name.</summary>
    public static bool HasPorts(byte protocol) => protocol is Tcp or Udp or Sctp;

    /// <summary>"tcp", "udp", "sctp", "icmp", "icmpv6", or the number.</summary>
    public static string Name(byte protocol) => protocol switch
    {
        Icmp => "icmp",
        Tcp => "tcp",
        Udp => "udp",
        IcmpV6 => "icmpv6",
        Sctp => "sctp",
        _ => protocol.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
