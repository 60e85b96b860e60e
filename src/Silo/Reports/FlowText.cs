using System.Globalization;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;
using ApiDirection = Vallum.Contracts.Api.V1.Direction;
using ApiFlow = Vallum.Contracts.Api.V1.FlowEvent;

namespace Vallum.Silo.Reports;

/// <summary>A flow event as the API says it.</summary>
internal static class FlowText
{
    // A rule's name and a reason are short; an agent that says more is cut short.
    private const int LongestText = 512;

    public static ApiFlow Of(string node, FlowEvent flow)
    {
        var message = new ApiFlow
        {
            Time = flow.Time,
            Node = $"nodes/{node}",
            Verdict = (ApiFlow.Types.Verdict)flow.Verdict,
            Direction = (ApiDirection)flow.Direction,
            Source = AddressOf(flow.Source.Span),
            Destination = AddressOf(flow.Destination.Span),
            Protocol = Protocol(flow.Protocol),
            SourcePort = (int)flow.SourcePort,
            DestinationPort = (int)flow.DestinationPort,
            SourceEndpoint = EndpointOf(flow.SourceEndpoint),
            DestinationEndpoint = EndpointOf(flow.DestinationEndpoint),
            Policy = Short(flow.Policy),
            Rule = Short(flow.Rule),
            Reason = Short(flow.Reason),
        };
        if (flow.Protocol is IpProtocol.Icmp or IpProtocol.IcmpV6)
        {
            (message.IcmpType, message.IcmpCode) = ((int)flow.IcmpType, (int)flow.IcmpCode);
        }

        return message;
    }

    /// <summary>"tenant/name" by its full name.</summary>
    public static string EndpointOf(string endpoint) => endpoint.Length <= LongestText && endpoint.Split('/') is [var tenant, var name] ? $"tenants/{tenant}/endpoints/{name}" : "";

    private static string AddressOf(ReadOnlySpan<byte> bytes) => bytes.Length is 4 or 16 ? Address.FromBytes(bytes).ToString() : "";

    private static string Protocol(uint number) => number switch
    {
        IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp or IpProtocol.Icmp or IpProtocol.IcmpV6 => IpProtocol.Name((byte)number),
        _ => number.ToString(CultureInfo.InvariantCulture),
    };

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
