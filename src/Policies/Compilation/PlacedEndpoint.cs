using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;

namespace Vallum.Policies.Compilation;

/// <summary>An endpoint, and where it stands among the compiled objects. A changed endpoint is a new one in the place of the old.</summary>
internal sealed class PlacedEndpoint(Endpoint value)
{
    private readonly ImmutableArray<ResourceEntry.Member> _members = value.HostNetwork ? [] : [.. Hosts(value).Select(host => Member(new GroupMember(host)))];

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
          select Member(member.Value with { Protocol = named.Protocol, Port = named.Port })
        : _members;

    private static IEnumerable<Cidr> Hosts(Endpoint endpoint) => endpoint.Addresses.Distinct().Select(Cidr.Host);

    private static ResourceEntry.Member Member(GroupMember value) => new(value);
}

/// <summary>That an endpoint is on a node, under a profile.</summary>
internal sealed record Bond(NodeBinding Binding, Profile Profile, ResourceEntry.BoundEndpoint Entry);
