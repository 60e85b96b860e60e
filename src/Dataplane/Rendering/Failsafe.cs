using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Dataplane.Rendering;

/// <summary>
/// What a node takes and sends whatever its policies say, so that nobody who writes one is locked out: whoever can still log in and whose agent still
/// hears of a better policy can undo it.
/// </summary>
/// <param name="Inbound">Ports of the node.</param>
/// <param name="Outbound">Ports that the node may reach.</param>
public sealed record Failsafe(ImmutableArray<FailsafePort> Inbound, ImmutableArray<FailsafePort> Outbound)
{
    public static readonly Failsafe None = new([], []);

    public bool Equals(Failsafe? other) => other is not null && Inbound.SequenceEqual(other.Inbound) && Outbound.SequenceEqual(other.Outbound);

    public override int GetHashCode() => HashCode.Combine(Inbound.Length, Outbound.Length);
}

/// <param name="Protocol">tcp or udp.</param>
/// <param name="Other">The only other side; null: anybody.</param>
public readonly record struct FailsafePort(byte Protocol, ushort Port, Address? Other = null);
