using System.Text.Json.Serialization;

namespace Vallum.NodeAgent.PacketLog;

/// <summary>One flow that was denied, or that a rule with `log` matched; as a line of JSON.</summary>
internal sealed record FlowEvent
{
    public required DateTimeOffset At { get; init; }

    /// <summary>"denied" or "logged".</summary>
    public required string Verdict { get; init; }

    /// <summary>"egress" or "ingress": whose policies; null when neither side's policies did it.</summary>
    public string? Direction { get; init; }

    public required string Source { get; init; }

    public required string Destination { get; init; }

    /// <summary>Resource name; null where the address is that of no endpoint of this node.</summary>
    public string? SourceEndpoint { get; init; }

    public string? DestinationEndpoint { get; init; }

    /// <summary>"tcp", "icmpv6", or a number.</summary>
    public required string Protocol { get; init; }

    /// <summary>Null where the protocol has no ports.</summary>
    public ushort? SourcePort { get; init; }

    public ushort? DestinationPort { get; init; }

    public byte? IcmpType { get; init; }

    public byte? IcmpCode { get; init; }

    /// <summary>Resource name of the policy that decides; null when none alone does.</summary>
    public string? Policy { get; init; }

    public string? Rule { get; init; }

    /// <summary>Who decides, in words: "isolated by tenants/shop/policies/web", "default".</summary>
    public required string Reason { get; init; }

    /// <summary>The interface that it came from; null when it is not known any more.</summary>
    public string? In { get; init; }

    public string? Out { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FlowEvent))]
internal sealed partial class FlowEventJson : JsonSerializerContext;
