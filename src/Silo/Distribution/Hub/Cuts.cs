using Vallum.Cluster.Compiled;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// Folds what tenants answer into drafts, and publishes drafts in cuts: everything that one revision of a tenant changed becomes visible at once, and
/// never with a policy whose groups are not complete. A tenant whose new policy looks into another tenant waits, whole, until that one's part is here;
/// others go on. Guarded by the hub's lock.
/// </summary>
internal sealed partial class Cuts(ResourceBook resources, NodeBook nodes, GroupBook groups, TimeProvider time, TimeSpan agreeWithin)
{
    private readonly Dictionary<string, SharedRules> _rules = [];
    private readonly HashSet<TenantState> _pending = [];

    /// <summary>The bindings that are published, by node.</summary>
    public Dictionary<string, HashSet<ResourceId>> Bindings { get; } = [];

    public int Pending => _pending.Count;

    /// <summary>Everything of the tenant goes, at once.</summary>
    public void Drop(TenantState tenant)
    {
        Discard(tenant);
        tenant.Draft = new TenantDraft { Since = time.GetTimestamp() };
        foreach (var (key, resource) in tenant.Resources)
        {
            tenant.Draft.Resources[key] = DraftResource.Whole(resource.Content, null);
        }

        Publish(tenant);
        Complete(tenant);
    }

    /// <summary>Publishes every draft that can be. Returns the tenants whose revision moved.</summary>
    public IReadOnlyCollection<TenantState> Publish(ClusterSnapshot view)
    {
        if (_pending.Count == 0 || view.Revision == 0)
        {
            return [];
        }

        var cut = Publishable(view);
        foreach (var tenant in cut)
        {
            Publish(tenant);
        }

        foreach (var tenant in cut)
        {
            Complete(tenant);
            _pending.Remove(tenant);
        }

        groups.Sweep();
        return cut;
    }

    // The largest set of drafts that can be published together: two tenants whose policies look into each other wait for each other, and go together.
    private HashSet<TenantState> Publishable(ClusterSnapshot view)
    {
        var cut = new HashSet<TenantState>(_pending);
        var heldRules = new HashSet<string>();
        int before;
        do
        {
            before = cut.Count;
            foreach (var tenant in cut)
            {
                if (MustWait(tenant, cut, heldRules, view))
                {
                    cut.Remove(tenant);
                    heldRules.UnionWith(tenant.Draft!.Resources.Keys.Where(k => k.Kind == CompiledKind.PolicyRules).Select(k => k.Name));
                }
            }
        }
        while (cut.Count < before);
        return cut;
    }

    private bool MustWait(TenantState tenant, HashSet<TenantState> cut, HashSet<string> heldRules, ClusterSnapshot view)
    {
        var draft = tenant.Draft!;
        var agree = time.GetElapsedTime(draft.Since) < agreeWithin;
        if (agree && draft.ClusterRevision > view.Revision)
        {
            return true;
        }

        foreach (var (key, resource) in draft.Resources)
        {
            if (key.Kind != CompiledKind.PolicyRules)
            {
                continue;
            }

            if (agree && (heldRules.Contains(key.Name) || (_rules.TryGetValue(key.Name, out var rules) && !rules.IsAgreed)))
            {
                return true;
            }

            foreach (var group in resource.Groups ?? [])
            {
                if (!group.IsInUse && IsIncomplete(group, cut))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <param name="cut">Tenants that are published together with who asks.</param>
    public static bool IsIncomplete(HubGroup group, HashSet<TenantState> cut)
    {
        foreach (var tenant in group.Missing)
        {
            var part = CompiledKey.Part(group.PartId);
            if (tenant.IsPublished && tenant.Resources.ContainsKey(part))
            {
                group.Missing.Remove(tenant);
            }
            else if (tenant.HasPart(group.PartId))
            {
                if (!cut.Contains(tenant))
                {
                    return true;
                }
            }
            else if (tenant.Parts.TryGetValue(group.PartId, out var use) && use.IsWanted && tenant.AnsweredWants < use.Since)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The tenant contributes to the group, and its part is not in it: it is being asked for, or waits to be published.</summary>
    public static bool IsMissing(HubGroup group, TenantState tenant) =>
        !(tenant.IsPublished && tenant.Resources.ContainsKey(CompiledKey.Part(group.PartId))) &&
        (tenant.HasPart(group.PartId) || (tenant.Parts.TryGetValue(group.PartId, out var use) && use.IsWanted && tenant.AnsweredWants < use.Since));

    private static void Complete(TenantState tenant)
    {
        var draft = tenant.Draft!;
        (tenant.Revision, tenant.ClusterRevision) = (draft.Revision, draft.ClusterRevision);
        tenant.IsPublished = true;
        tenant.IsPublishedFull = draft.IsFull;
        foreach (var group in draft.Resources.Values.SelectMany(r => r.Groups ?? []))
        {
            group.IsInUse = true;
            group.Missing.Clear();
        }

        tenant.Draft = null;
    }
}
