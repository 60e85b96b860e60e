using System.Collections.Immutable;
using System.Text;
using Vallum.Policies.Model;
using Vallum.Primitives;

namespace Vallum.Policies.Resources;

/// <summary>
/// What a group is, in one text that two equal groups share. A group is content-addressed: <see cref="Id"/> is a hash of that text.
/// </summary>
public abstract record GroupDefinition
{
    private GroupDefinition()
    {
    }

    /// <summary>Endpoints of the tenants in <see cref="Tenants"/>; the union of their <see cref="EndpointPart"/>s.</summary>
    public sealed record OfEndpoints(ResolvedScope Tenants, EndpointPart Part) : GroupDefinition
    {
        public override string ToString() => $"endpoints {Tenants} {Part}";
    }

    /// <summary>The CIDRs of a network set; empty while the set does not exist.</summary>
    public sealed record OfNetworkSet(NetworkSetName Name) : GroupDefinition
    {
        public override string ToString() => $"networkSet {Name}";
    }

    /// <summary>The addresses of the nodes that match.</summary>
    public sealed record OfNodes(Selector Selector) : GroupDefinition
    {
        public override string ToString() => $"nodes {{{Selector}}}";
    }

    public GroupId Id => new(ContentHash.Of(ToString()));
}

/// <summary>What one tenant contributes to a group: the addresses of the endpoints that match, or, with <see cref="Port"/>, (address, protocol, port) of those that have it.</summary>
public sealed record EndpointPart(EndpointQuery Query, PortName? Port = null)
{
    public GroupPartId Id => new(ContentHash.Of(ToString()));

    public override string ToString() => Port is { } port ? $"{Query} port {IpProtocol.Name(port.Protocol)}/{port.Name}" : Query.ToString();
}

/// <summary>A named port asked for at the peers.</summary>
public readonly record struct PortName(string Name, byte Protocol);

/// <summary>A <see cref="TenantScope"/> with same and other replaced by the tenant that they were seen from.</summary>
public abstract record ResolvedScope
{
    private ResolvedScope()
    {
    }

    public sealed record Named : ResolvedScope
    {
        public Named(params IEnumerable<TenantName> names) => Names = [.. names.Distinct().Order()];

        public ImmutableArray<TenantName> Names { get; }

        public bool Equals(Named? other) => other is not null && Names.SequenceEqual(other.Names);

        public override int GetHashCode() => Names.Aggregate(3, HashCode.Combine);

        public override string ToString() => $"named({string.Join(',', Names)})";
    }

    public sealed record AllBut(TenantName Name) : ResolvedScope
    {
        public override string ToString() => $"allBut({Name})";
    }

    public sealed record Matching(Selector Selector) : ResolvedScope
    {
        public override string ToString() => $"matching({Selector})";
    }

    public bool Includes(TenantName tenant, LabelSet labels) => this switch
    {
        Named n => n.Names.Contains(tenant),
        AllBut a => a.Name != tenant,
        Matching m => m.Selector.Matches(labels),
        _ => throw new InvalidOperationException($"unknown scope {this}"),
    };

    public static ResolvedScope Of(TenantScope scope, TenantName self) => scope switch
    {
        TenantScope.Same => new Named(self),
        TenantScope.Other => new AllBut(self),
        TenantScope.Matching m => new Matching(m.Selector),
        TenantScope.Named n => new Named(n.Names),
        _ => throw new InvalidOperationException($"unknown scope {scope}"),
    };
}

/// <summary>A member of a group: a block of addresses, or one address with a protocol and port.</summary>
public readonly record struct GroupMember(Cidr Cidr, byte? Protocol = null, ushort? Port = null)
{
    public override string ToString() => Protocol is { } p ? $"{Cidr},{IpProtocol.Name(p)}:{Port}" : Cidr.ToString();
}

internal static class ContentHash
{
    /// <summary>The first 96 bits of the 128-bit digest, 24 hexadecimal digits: two of a million groups collide with a chance below 10^-16.</summary>
    public static string Of(string text) => Digest.Of(Encoding.UTF8.GetBytes(text)).ToString()[..24];
}
