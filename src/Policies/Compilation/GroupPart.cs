using Vallum.Policies.Resources;

namespace Vallum.Policies.Compilation;

/// <summary>What the tenant contributes to groups: the members that one query picks.</summary>
internal sealed class GroupPart(GroupPartId id, EndpointPart value, Query query, AddressTable addresses) : CompiledResource(KeyOf(id))
{
    public GroupPartId Id { get; } = id;

    public EndpointPart Value { get; } = value;

    public Query Query { get; } = query;

    /// <summary>How many policies' rules name a group that this is a part of.</summary>
    public int References { get; set; }

    /// <summary>Somebody outside needs it.</summary>
    public bool IsWanted { get; set; }

    public bool IsIdle => References == 0 && !IsWanted;

    public override ResourceHead Head => ResourceHead.None.Instance;

    public override IEnumerable<ResourceEntry> Entries =>
        Query.Picks.SelectMany(t => t.Endpoints).SelectMany(e => e.Members(Value.Port)).Distinct();

    public static ResourceKey KeyOf(GroupPartId id) => new(ResourceKind.GroupPart, id.Value);

    /// <summary>An address may stand at two endpoints for a while: one has taken it over and the other is still there.</summary>
    public override int Behind(ResourceEntry entry, int gained)
    {
        var member = (ResourceEntry.Member)entry;
        return addresses.Owners(member.Value.Cidr.Base)
            .Count(owner => owner.Traits is { } traits && traits.Parts.Contains(this) && owner.Members(Value.Port).Contains(member));
    }
}
