using Vallum.Policies.Evaluation;
using Vallum.Primitives;

namespace Vallum.Manifests.Parsing;

/// <summary>A question's protocol and port. The same words are understood by the server and offline.</summary>
public static class TrafficParser
{
    private const byte EchoRequest = 8;
    private const byte EchoRequestV6 = 128;

    /// <param name="protocol">"tcp", "udp", "sctp", "icmp", "icmpv6", or a number; empty: tcp.</param>
    /// <param name="port">Of tcp, udp and sctp, which need one; not looked at with others.</param>
    /// <param name="icmpType">Of icmp and icmpv6; null: echo request.</param>
    /// <param name="icmpCode">Likewise; null: 0.</param>
    public static Parsed<Traffic> Parse(string protocol, int port, int? icmpType = null, int? icmpCode = null)
    {
        if (!ServiceParser.TryProtocol(protocol.Length == 0 ? "tcp" : protocol, out var known) || known is not { } number)
        {
            return Wrong("protocol", Reasons.InvalidProtocol, $"{Quoted.Of(protocol)} is none of tcp, udp, sctp, icmp, icmpv6, or a number 0 to 255");
        }

        if (IpProtocol.HasPorts(number))
        {
            return port is > 0 and <= ushort.MaxValue
                ? Parsed.Valid(new Traffic(number, (ushort)port, null, null))
                : Wrong("port", Reasons.InvalidPort, $"{port} is not within 1 to 65535; {IpProtocol.Name(number)} needs a port");
        }

        if (number is not (IpProtocol.Icmp or IpProtocol.IcmpV6))
        {
            return Parsed.Valid(new Traffic(number, null, null, null));
        }

        var type = icmpType ?? (number == IpProtocol.Icmp ? EchoRequest : EchoRequestV6);
        var code = icmpCode ?? 0;
        return (type, code) switch
        {
            ( < 0 or > byte.MaxValue, _) => Wrong("icmp_type", Reasons.InvalidIcmp, $"{type} is not within 0 to 255"),
            (_, < 0 or > byte.MaxValue) => Wrong("icmp_code", Reasons.InvalidIcmp, $"{code} is not within 0 to 255"),
            _ => Parsed.Valid(new Traffic(number, null, (byte)type, (byte)code)),
        };
    }

    private static Parsed<Traffic> Wrong(string field, string reason, string description) =>
        Parsed.Invalid<Traffic>([new FieldViolation(field, reason, description)]);
}
