using System.Collections.Immutable;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>The policies in force for one identity that at least one bound endpoint has.</summary>
internal sealed class Profile(ProfileId id, Identity identity, ResourceHead.Profile head) : CompiledResource(KeyOf(id))
{
    private ResourceHead.Profile _head = head;

    public ProfileId Id { get; } = id;

    public Identity Identity { get; } = identity;

    /// <summary>Node → how many endpoints it has under this profile.</summary>
    public Dictionary<NodeName, int> Nodes { get; } = [];

    public override ResourceHead Head => _head;

    public override ImmutableArray<ResourceEntry> Entries => Identity.Traits.InForce;

    public static ResourceKey KeyOf(ProfileId id) => new(ResourceKind.Profile, id.Value);

    public void Replace(ResourceHead.Profile head) => _head = head;
}

/// <summary>What a profile is for, in one tenant. Compared by content; the named ports are sorted and unique.</summary>
internal readonly record struct Identity(Traits Traits, ImmutableArray<NamedPort> NamedPorts)
{
    /// <summary>
    /// Names and labels hold neither line breaks nor the separators used here, so that two identities never have one text.
    /// </summary>
    public ProfileId IdIn(TenantName tenant)
    {
        var segments = string.Join(',', Traits.Segments);
        var ports = string.Join(',', NamedPorts.Select(p => $"{p.Name}={p.Protocol}:{p.Port}"));
        return new ProfileId(ContentHash.Of($"{tenant}\n{segments}\n{Traits.Labels}\n{ports}"));
    }

    public bool Equals(Identity other) => ReferenceEquals(Traits, other.Traits) && NamedPorts.SequenceEqual(other.NamedPorts);

    public override int GetHashCode() => HashCode.Combine(Traits, NamedPorts.Length, NamedPorts.IsEmpty ? default : NamedPorts[0]);
}
