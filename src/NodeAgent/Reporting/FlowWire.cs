using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;
using Logged = Vallum.NodeAgent.PacketLog.FlowEvent;

namespace Vallum.NodeAgent.Reporting;

/// <summary>An event of the packet log as the control plane is told.</summary>
internal static class FlowWire
{
    public static FlowEvent Of(Logged flow) => new()
    {
        Time = Timestamp.FromDateTimeOffset(flow.At),
        Verdict = flow.Verdict == "denied" ? FlowEvent.Types.Verdict.Denied : FlowEvent.Types.Verdict.Logged,
        Direction = flow.Direction switch
        {
            "ingress" => Direction.Ingress,
            "egress" => Direction.Egress,
            _ => Direction.Unspecified,
        },
        Source = AddressOf(flow.Source),
        Destination = AddressOf(flow.Destination),
        Protocol = ProtocolOf(flow.Protocol),
        SourcePort = flow.SourcePort ?? 0,
        DestinationPort = flow.DestinationPort ?? 0,
        IcmpType = flow.IcmpType ?? 0,
        IcmpCode = flow.IcmpCode ?? 0,
        SourceEndpoint = flow.SourceEndpoint ?? "",
        DestinationEndpoint = flow.DestinationEndpoint ?? "",
        Policy = flow.Policy ?? "",
        Rule = flow.Rule ?? "",
        Reason = flow.Reason,
    };

    private static ByteString AddressOf(string text)
    {
        Span<byte> bytes = stackalloc byte[16];
        return Address.TryParse(text, out var address) ? ByteString.CopyFrom(bytes[..address.WriteTo(bytes)]) : ByteString.Empty;
    }

    private static uint ProtocolOf(string name)
    {
        foreach (var known in (ReadOnlySpan<byte>)[IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp, IpProtocol.Icmp, IpProtocol.IcmpV6])
        {
            if (IpProtocol.Name(known) == name)
            {
                return known;
            }
        }

        return byte.TryParse(name, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0u;
    }
}
