using System.Globalization;
using Vallum.Policies.Evaluation;
using Vallum.Primitives;

namespace Vallum.Silo.Api;

/// <summary>What is asked for, without who asks whom.</summary>
internal sealed record Traffic(byte Protocol, ushort? Port, byte? IcmpType, byte? IcmpCode)
{
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT.</exception>
    public static Traffic Parse(string protocolText, int port, int? icmpType, int? icmpCode)
    {
        byte protocol = protocolText.ToLowerInvariant() switch
        {
            "" or "tcp" => IpProtocol.Tcp,
            "udp" => IpProtocol.Udp,
            "sctp" => IpProtocol.Sctp,
            "icmp" => IpProtocol.Icmp,
            "icmpv6" => IpProtocol.IcmpV6,
            var number when byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) => parsed,
            _ => throw ApiError.Invalid("protocol", "INVALID_PROTOCOL", $"'{protocolText}' is none of tcp, udp, sctp, icmp, icmpv6, or a number 0..255"),
        };
        if (!IpProtocol.HasPorts(protocol))
        {
            var isIcmp = protocol is IpProtocol.Icmp or IpProtocol.IcmpV6;
            byte echo = protocol == IpProtocol.Icmp ? (byte)8 : (byte)128;
            return new Traffic(
                protocol,
                null,
                isIcmp ? Octet("icmp_type", icmpType) ?? echo : null,
                isIcmp ? Octet("icmp_code", icmpCode) ?? 0 : null);
        }

        return port is > 0 and <= ushort.MaxValue
            ? new Traffic(protocol, (ushort)port, null, null)
            : throw ApiError.Invalid("port", "INVALID_PORT", $"{port} is not a port 1..65535; {IpProtocol.Name(protocol)} needs one");
    }

    public Flow Between(Address source, Address destination) => new(source, destination, Protocol, Port, IcmpType, IcmpCode);

    /// <summary>The family that the protocol asks for; null: any.</summary>
    public IpFamily? Family => Protocol switch
    {
        IpProtocol.Icmp => IpFamily.V4,
        IpProtocol.IcmpV6 => IpFamily.V6,
        _ => null,
    };

    private static byte? Octet(string field, int? value) => value switch
    {
        null => null,
        >= 0 and <= 255 => (byte)value,
        _ => throw ApiError.Invalid(field, "OUT_OF_RANGE", $"{value} is not in 0..255"),
    };
}
