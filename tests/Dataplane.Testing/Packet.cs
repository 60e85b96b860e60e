using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>
/// The first packet of a flow. <paramref name="Port"/>: the destination's, or for ICMP type × 256 + code. <paramref name="PortIn"/> and
/// <paramref name="PortOut"/>: ports of the bridges that it came and goes through; null: no bridge, or not known.
/// </summary>
public sealed record Packet(
    Address Source,
    Address Destination,
    byte Protocol,
    int Port,
    string In = "eth9",
    string Out = "eth9",
    int SourcePort = 40_000,
    int HopLimit = 63,
    string? PortIn = null,
    string? PortOut = null);
