using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>An endpoint, and where it stands among the compiled objects. A changed endpoint is a new one in the place of the old.</summary>
internal sealed class PlacedEndpoint(Endpoint value)
{
    private readonly ImmutableArray<ResourceEntry.Member> _members = value.HostNetwork
        ? []
        : [.. value.Addresses.Distinct().Select(address => new ResourceEntry.Member(new GroupMember(Cidr.Host(address))))];

    public Endpoint Value { get; } = value;

    /// <summary>Null for a hostNetwork endpoint, which no selector sees.</summary>
    public Traits? Traits { get; set; }

    /// <summary>Where it is bound: null without a node, without an address, and for hostNetwork.</summary>
    public Bond? Bond { get; set; }

    /// <summary>What it adds to a group that picks it; with a port, only if it has a named port of that name and protocol.</summary>
    public IEnumerable<ResourceEntry.Member> Members(PortName? port) => port is { } wanted
        ? from named in Value.NamedPorts
          where named.Name == wanted.Name && named.Protocol == wanted.Protocol
          from member in _members
          select new ResourceEntry.Member(member.Value with { Protocol = named.Protocol, Port = named.Port })
        : _members;
}

/// <summary>That an endpoint is on a node, under a profile.</summary>
internal sealed record Bond(NodeBinding Binding, Profile Profile, ResourceEntry.BoundEndpoint Entry);
