using Vallum.Primitives;

namespace Vallum.Dataplane.Testing;

/// <summary>The first packet of a flow. <paramref name="Port"/>: the destination's, or for ICMP type × 256 + code.</summary>
public sealed record Packet(Address Source, Address Destination, byte Protocol, int Port, string In = "eth9", string Out = "eth9");
