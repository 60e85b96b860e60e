using Vallum.Cluster.Compiled;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>A group and what it is united from. Two tenants may hold the same member for a moment (an address that moves), so members are counted.</summary>
internal sealed class HubGroup(GroupWant want, GroupDefinition definition, HubResource resource)
{
    // Only members with more than one contributor; all others count 1 by being there.
    private Dictionary<Entry, int>? _more;

    public GroupWant Want => want;

    public string PartId => want.PartId;

    public GroupDefinition Definition => definition;

    public HubResource Resource => resource;

    /// <summary>Tenants whose policies, published or drafted, name the group; with how many.</summary>
    public Dictionary<string, int> Owners { get; } = [];

    public FewSet<TenantState> Contributors { get; } = new();

    /// <summary>Contributors whose part has not been seen published. Only until the group is first used.</summary>
    public FewSet<TenantState> Missing { get; } = new();

    /// <summary>A published policy has named it: from then on it is as complete as its contributors are.</summary>
    public bool IsInUse { get; set; }

    /// <summary>The group looks into tenants by rule, so that the directory of tenants decides who contributes.</summary>
    public bool IsWide => definition is GroupDefinition.OfEndpoints { Tenants: not ResolvedScope.Named };

    public bool Includes(TenantName tenant, LabelSet labels) =>
        definition is GroupDefinition.OfEndpoints endpoints && endpoints.Tenants.Includes(tenant, labels);

    /// <summary>Whether <paramref name="tenant"/> must be told to make its part: a policy of somebody else names the group.</summary>
    public bool IsWantedFrom(TenantState tenant) => Owners.Count > 1 || (Owners.Count == 1 && !Owners.ContainsKey(tenant.Name));

    /// <summary>One contributor's change as it shows in the union.</summary>
    public ContentDelta Unite(ContentDelta part)
    {
        var (added, removed) = (new List<Entry>(), new List<Entry>());
        foreach (var entry in part.Added)
        {
            if (resource.Content!.Entries.Contains(entry))
            {
                _more ??= [];
                _more[entry] = _more.GetValueOrDefault(entry) + 1;
            }
            else
            {
                added.Add(entry);
            }
        }

        foreach (var entry in part.Removed)
        {
            if (_more is not null && _more.TryGetValue(entry, out var more))
            {
                _ = more == 1 ? _more.Remove(entry) : (_more[entry] = more - 1) > 0;
            }
            else
            {
                removed.Add(entry);
            }
        }

        return new ContentDelta(null, [.. added], [.. removed]);
    }
}
