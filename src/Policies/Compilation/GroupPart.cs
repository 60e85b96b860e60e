using System.Collections.Immutable;
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

    public override ImmutableArray<ResourceEntry> Entries
    {
        get
        {
            var members = ImmutableArray.CreateBuilder<ResourceEntry>(Query.Picks.Sum(traits => traits.Endpoints.Count));
            foreach (var traits in Query.Picks)
            {
                foreach (var endpoint in traits.Endpoints)
                {
                    members.AddRange(endpoint.Members(Value.Port));
                }
            }

            // An address at one endpoint is a member once: to look for another costs more than all the rest.
            return addresses.AnyShared || Value.Port is not null ? [.. members.Distinct()] : members.DrainToImmutable();
        }
    }

    public static ResourceKey KeyOf(GroupPartId id) => new(ResourceKind.GroupPart, id.Value);

    /// <summary>An address may stand at two endpoints for a while: one has taken it over and the other is still there.</summary>
    public override int Behind(ResourceEntry entry, int gained)
    {
        var member = (ResourceEntry.Member)entry;
        return addresses.Owners(member.Value.Cidr.Base)
            .Count(owner => owner.Traits is { } traits && traits.Parts.Contains(this) && owner.Members(Value.Port).Contains(member));
    }
}
