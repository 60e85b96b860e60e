using System.Collections.Immutable;

namespace Vallum.Dataplane.Model;

public enum Direction
{
    Ingress,
    Egress,

    /// <summary>One that this agent does not know: read as both.</summary>
    Unknown,
}

/// <summary>In the order of evaluation.</summary>
public enum Tier
{
    Admin,
    Tenant,
    Baseline,

    /// <summary>One that this agent does not know: the direction is closed.</summary>
    Unknown,
}

/// <summary>The policies in force for one identity. The postures: whether a flow passes that no policy decides.</summary>
public sealed record Profile(
    ImmutableArray<NamedPort> NamedPorts,
    bool AllowsIngressByDefault,
    bool AllowsEgressByDefault,
    ImmutableArray<PolicyInForce> Policies)
{
    public static readonly Profile Open = new([], true, true, []);

    public bool Equals(Profile? other) =>
        other is not null && AllowsIngressByDefault == other.AllowsIngressByDefault && AllowsEgressByDefault == other.AllowsEgressByDefault &&
        NamedPorts.SequenceEqual(other.NamedPorts) && Policies.SequenceEqual(other.Policies);

    public override int GetHashCode() => HashCode.Combine(NamedPorts.Length, Policies.Length, AllowsIngressByDefault, AllowsEgressByDefault);
}

public readonly record struct NamedPort(string Name, byte Protocol, ushort Port);

/// <summary>
/// A policy in one direction. Admin and Baseline are read by (priority, policy name), lower first; an entry of the Tenant tier that is not
/// staged isolates the direction. <paramref name="Rules"/> names the <see cref="PolicyRules"/>.
/// </summary>
public sealed record PolicyInForce(Direction Direction, Tier Tier, int Priority, string Policy, string Rules, bool Staged) : IComparable<PolicyInForce>
{
    /// <summary>An order for lists that are compared with each other; it says nothing of evaluation.</summary>
    public int CompareTo(PolicyInForce? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = Direction.CompareTo(other.Direction);
        order = order != 0 ? order : Tier.CompareTo(other.Tier);
        order = order != 0 ? order : Priority.CompareTo(other.Priority);
        order = order != 0 ? order : string.CompareOrdinal(Policy, other.Policy);
        order = order != 0 ? order : string.CompareOrdinal(Rules, other.Rules);
        return order != 0 ? order : Staged.CompareTo(other.Staged);
    }
}
