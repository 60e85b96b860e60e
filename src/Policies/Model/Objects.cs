using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Policies.Model;

/// <summary>What happens to a flow that no policy decides.</summary>
public enum Posture
{
    Allow,
    Deny,
}

public sealed record Tenant(TenantName Name, LabelSet Labels, Posture DefaultIngress = Posture.Allow, Posture DefaultEgress = Posture.Allow);

/// <summary>Members are the endpoints that name it as home and those that <see cref="Picks"/> matches; null picks nothing more.</summary>
public sealed record Segment(TenantName Tenant, SegmentName Name, Selector? Picks = null);

/// <summary>A name for a port of an endpoint, such as http → tcp 8080. One endpoint has a (name, protocol) at most once.</summary>
public readonly record struct NamedPort(string Name, byte Protocol, ushort Port) : IComparable<NamedPort>
{
    public int CompareTo(NamedPort other)
    {
        var byName = string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : Protocol != other.Protocol ? Protocol.CompareTo(other.Protocol) : Port.CompareTo(other.Port);
    }
}

/// <summary>A workload. <see cref="Node"/> is null while it is not placed; then nothing enforces it, but groups know its addresses.</summary>
public sealed record Endpoint(
    EndpointId Id,
    SegmentName Segment,
    NodeName? Node,
    ImmutableArray<Address> Addresses,
    string? Interface,
    LabelSet Labels,
    ImmutableArray<NamedPort> NamedPorts,
    bool HostNetwork = false)
{
    public bool Equals(Endpoint? other) =>
        other is not null && Id == other.Id && Segment == other.Segment && Node == other.Node && Interface == other.Interface &&
        HostNetwork == other.HostNetwork && Labels.Equals(other.Labels) && Addresses.SequenceEqual(other.Addresses) &&
        NamedPorts.SequenceEqual(other.NamedPorts);

    public override int GetHashCode() => HashCode.Combine(Id, Segment, Node, Labels);
}

public sealed record Node(NodeName Name, LabelSet Labels, ImmutableArray<Address> Addresses)
{
    public bool Equals(Node? other) =>
        other is not null && Name == other.Name && Labels.Equals(other.Labels) && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => HashCode.Combine(Name, Labels);
}

public sealed record NetworkSet(NetworkSetName Name, ImmutableArray<Cidr> Cidrs)
{
    public bool Equals(NetworkSet? other) => other is not null && Name == other.Name && Cidrs.SequenceEqual(other.Cidrs);

    public override int GetHashCode() => Name.GetHashCode();
}
