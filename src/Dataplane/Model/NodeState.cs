using System.Collections.Immutable;
using Vallum.Primitives;

namespace Vallum.Dataplane.Model;

/// <summary>Everything that a node is told to enforce. Profiles, rules and groups are found by the names of their resources.</summary>
public sealed record NodeState(
    ImmutableArray<Address> NodeAddresses,
    ImmutableArray<Binding> Bindings,
    PersistentDictionary<string, Profile> Profiles,
    PersistentDictionary<string, PolicyRules> Rules,
    PersistentDictionary<string, Group> Groups)
{
    public static readonly NodeState Empty = new(
        [],
        [],
        PersistentDictionary<string, Profile>.Empty,
        PersistentDictionary<string, PolicyRules>.Empty,
        PersistentDictionary<string, Group>.Empty);

    /// <summary>The policies in force for the node itself: what it receives and what it sends. Null: none, it is open.</summary>
    public string? NodeProfile { get; init; }

    /// <summary>What the node found out about its own interfaces.</summary>
    public Links Links { get; init; } = Links.None;
}

/// <summary>An endpoint of the node. <paramref name="Interface"/>: the host side of its link; null when unknown.</summary>
public sealed record Binding(string Endpoint, ImmutableArray<Address> Addresses, string? Interface, string Profile)
{
    public bool Equals(Binding? other) =>
        other is not null && Endpoint == other.Endpoint && Interface == other.Interface && Profile == other.Profile &&
        Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => HashCode.Combine(Endpoint, Interface, Profile, Addresses.Length);
}
