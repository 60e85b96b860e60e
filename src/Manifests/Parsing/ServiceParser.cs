using System.Collections.Immutable;
using System.Globalization;
using Vallum.Policies.Model;
using Vallum.Primitives;
using Api = Vallum.Contracts.Api.V1;

namespace Vallum.Manifests.Parsing;

internal static class ServiceParser
{
    public static Service Parse(Api.Service message, FieldPath path, ViolationList violations)
    {
        if (!TryProtocol(message.Protocol, out var protocol))
        {
            violations.Add(path.Field("protocol"), Reasons.InvalidProtocol,
                $"{Quoted.Of(message.Protocol)} is not a protocol: tcp, udp, sctp, icmp, icmpv6, any, or a number 0 to 255");
            return Service.Any;
        }

        var ports = Ports(message, protocol, path.Field("ports"), violations);
        var type = Icmp(message.HasIcmpType ? message.IcmpType : null, protocol, path.Field("icmpType"), violations);
        var code = Icmp(message.HasIcmpCode ? message.IcmpCode : null, protocol, path.Field("icmpCode"), violations);
        if (message.HasIcmpCode && !message.HasIcmpType)
        {
            violations.Add(path.Field("icmpCode"), Reasons.InvalidIcmp, "a code has a meaning only with its type: write icmpType too");
        }

        return new Service(protocol, ports, type, code);
    }

    /// <summary>Null is any protocol; the empty text too.</summary>
    public static bool TryProtocol(string text, out byte? protocol)
    {
        protocol = text.ToLowerInvariant() switch
        {
            "tcp" => IpProtocol.Tcp,
            "udp" => IpProtocol.Udp,
            "sctp" => IpProtocol.Sctp,
            "icmp" => IpProtocol.Icmp,
            "icmpv6" => IpProtocol.IcmpV6,
            _ => null,
        };
        if (protocol is not null || text.Length == 0 || text.Equals("any", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (!byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || (text.Length > 1 && text[0] == '0'))
        {
            return false;
        }

        protocol = number;
        return true;
    }

    private static ImmutableArray<PortMatch> Ports(Api.Service message, byte? protocol, FieldPath path, ViolationList violations)
    {
        if (message.Ports.Count == 0)
        {
            return [];
        }

        if (protocol is not { } number || !IpProtocol.HasPorts(number))
        {
            var given = protocol is { } p ? IpProtocol.Name(p) : "any";
            violations.Add(path, Reasons.PortsNotAllowed, $"ports go with the protocols tcp, udp and sctp only, and the protocol here is {given}");
            return [];
        }

        if (!violations.Allows(path, message.Ports.Count, Limits.Ports, "ports"))
        {
            return [];
        }

        var ports = ImmutableArray.CreateBuilder<PortMatch>(message.Ports.Count);
        for (var i = 0; i < message.Ports.Count; i++)
        {
            if (PortParser.Match(message.Ports[i], path[i], violations) is { } port)
            {
                ports.Add(port);
            }
        }

        return ports.ToImmutable();
    }

    private static byte? Icmp(int? value, byte? protocol, FieldPath path, ViolationList violations)
    {
        if (value is not { } number)
        {
            return null;
        }

        if (protocol is not (IpProtocol.Icmp or IpProtocol.IcmpV6))
        {
            var given = protocol is { } p ? IpProtocol.Name(p) : "any";
            violations.Add(path, Reasons.IcmpNotAllowed, $"goes with the protocols icmp and icmpv6 only, and the protocol here is {given}");
            return null;
        }

        if (number is < 0 or > byte.MaxValue)
        {
            violations.Add(path, Reasons.InvalidIcmp, $"{number} is not within 0 to 255");
            return null;
        }

        return (byte)number;
    }
}
