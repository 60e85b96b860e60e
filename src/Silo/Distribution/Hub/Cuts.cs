using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// Folds what tenants answer into drafts, and publishes drafts in cuts: everything that one revision of a tenant changed becomes visible at once, and
/// never with a policy whose groups are not complete. A tenant whose new policy looks into another tenant waits, whole, until that one's part is here;
/// others go on. Guarded by the hub's lock.
/// </summary>
internal sealed class Cuts(ResourceBook resources, NodeBook nodes, GroupBook groups, TimeProvider time, TimeSpan agreeWithin)
{
    private readonly Dictionary<string, SharedRules> _rules = [];
    private readonly HashSet<TenantState> _pending = [];

    /// <summary>The bindings that are published, by node.</summary>
    public Dictionary<string, HashSet<ResourceId>> Bindings { get; } = [];

    public int Pending => _pending.Count;

    /// <exception cref="InvalidOperationException">The reply does not fit what was told before; the draft is gone, and the cursor is at nothing.</exception>
    public void Fold(TenantState tenant, PullReply reply, bool full, ClusterSnapshot view)
    {
        try
        {
            if (reply.Whole)
            {
                Discard(tenant);
            }

            tenant.Draft ??= new TenantDraft { Since = time.GetTimestamp(), IsFull = full };
            tenant.Draft.IsFull = full;
            (tenant.Draft.Revision, tenant.Draft.ClusterRevision) = (reply.Revision, reply.ClusterRevision);
            foreach (var delta in reply.Deltas)
            {
                Fold(tenant, tenant.Draft, delta, reply.Whole, view);
            }

            if (reply.Whole)
            {
                FoldAbsent(tenant, tenant.Draft, reply);
            }

            _pending.Add(tenant);
        }
        catch (InvalidOperationException)
        {
            Discard(tenant);
            tenant.ResetCursor();
            throw;
        }
    }

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

    private static bool IsIncomplete(HubGroup group, HashSet<TenantState> cut)
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

    private void Fold(TenantState tenant, TenantDraft draft, CompiledDelta delta, bool whole, ClusterSnapshot view)
    {
        var key = new CompiledKey(delta.Kind, delta.Name);
        if (!draft.Resources.TryGetValue(key, out var resource))
        {
            draft.Resources[key] = resource = whole ? DraftResource.Whole(tenant.Published(key), null) : new DraftResource(tenant.Published(key));
        }

        resource.Fold(delta);
        if (delta.Kind != CompiledKind.PolicyRules)
        {
            return;
        }

        if (delta.Gone || delta.Head is not null)
        {
            ImmutableArray<HubGroup> named = delta.Gone ? [] : [.. delta.Groups.Select(g => groups.Reserve(g, tenant.Name, view))];
            Release(tenant, resource.Groups ?? []);
            resource.Groups = named;
        }

        Note(tenant, key, resource);
    }

    private void FoldAbsent(TenantState tenant, TenantDraft draft, PullReply reply)
    {
        var there = reply.Deltas.Select(d => new CompiledKey(d.Kind, d.Name)).ToHashSet();
        foreach (var (key, resource) in tenant.Resources)
        {
            if (!there.Contains(key))
            {
                draft.Resources[key] = DraftResource.Whole(resource.Content, null);
                draft.Resources[key].Groups = [];
                Note(tenant, key, draft.Resources[key]);
            }
        }
    }

    private void Note(TenantState tenant, CompiledKey key, DraftResource? draft)
    {
        if (key.Kind != CompiledKind.PolicyRules)
        {
            return;
        }

        if (!_rules.TryGetValue(key.Name, out var rules))
        {
            _rules[key.Name] = rules = new SharedRules();
        }

        rules.Note(tenant, draft switch
        {
            null => tenant.Published(key)?.Digest,
            { IsGone: true } => null,
            _ => ContentDigest.OfHead(draft.Head),
        });
        if (rules.IsUnused)
        {
            _rules.Remove(key.Name);
        }
    }

    private void Discard(TenantState tenant)
    {
        if (tenant.Draft is not { } draft)
        {
            return;
        }

        tenant.Draft = null;
        _pending.Remove(tenant);
        foreach (var (key, resource) in draft.Resources)
        {
            Release(tenant, resource.Groups ?? []);
            Note(tenant, key, null);
        }
    }

    private void Release(TenantState tenant, ImmutableArray<HubGroup> named)
    {
        foreach (var group in named)
        {
            groups.Release(group, tenant.Name);
        }
    }

    private void Publish(TenantState tenant)
    {
        foreach (var (key, draft) in tenant.Draft!.Resources)
        {
            var before = tenant.Resources.GetValueOrDefault(key);
            if (draft.Change(out var whole) is { } delta)
            {
                Change(tenant, key, before!, delta, draft.Groups);
            }
            else if (before is not null || whole is not null)
            {
                Replace(tenant, key, before, whole, draft.Groups ?? []);
            }
        }
    }

    private void Replace(TenantState tenant, CompiledKey key, TenantResource? before, ResourceContent? after, ImmutableArray<HubGroup> named)
    {
        if (after is null)
        {
            tenant.Resources.Remove(key);
        }
        else
        {
            tenant.Resources[key] = new TenantResource(after, named);
        }

        switch (key.Kind)
        {
            case CompiledKind.GroupPart:
                GroupBook.PartChanged(tenant, key.Name, new ContentDelta(null, EntriesOf(after), EntriesOf(before?.Content)));
                break;
            case CompiledKind.Profile:
                resources.Replace(ResourceId.Profile(key.Name), after, Cause.OfDraft(tenant));
                break;
            case CompiledKind.Binding:
                Bind(tenant, key.Name, after);
                break;
            case CompiledKind.PolicyRules:
                PublishRules(tenant, key.Name, after, named);
                Release(tenant, before?.Groups ?? []);
                break;
            default:
                throw new InvalidOperationException($"unknown kind {key.Kind}");
        }
    }

    private void Change(TenantState tenant, CompiledKey key, TenantResource before, ContentDelta delta, ImmutableArray<HubGroup>? named)
    {
        if (key.Kind == CompiledKind.PolicyRules)
        {
            tenant.Resources[key] = new TenantResource(new ResourceContent(delta.Head ?? before.Content.Head, []), named ?? before.Groups);
            PublishRules(tenant, key.Name, tenant.Resources[key].Content, tenant.Resources[key].Groups);
            if (named is not null)
            {
                Release(tenant, before.Groups);
            }

            return;
        }

        if (delta.IsEmpty)
        {
            return;
        }

        var digest = before.Content.Digest;
        before.Content.Apply(delta);
        switch (key.Kind)
        {
            case CompiledKind.GroupPart:
                GroupBook.PartChanged(tenant, key.Name, delta);
                break;
            case CompiledKind.Profile:
                ResourceBook.Changed(resources.Get(ResourceId.Profile(key.Name)), digest, delta, Cause.OfDraft(tenant));
                break;
            case CompiledKind.Binding:
                ResourceBook.Changed(resources.Get(ResourceId.Binding(tenant.Name, key.Name)), digest, delta, Cause.OfDraft(tenant));
                break;
        }
    }

    private static ImmutableArray<Entry> EntriesOf(ResourceContent? content) => content is null ? [] : [.. content.Entries];

    // An operator's policy is one resource for all tenants: the newest form is sent.
    private void PublishRules(TenantState tenant, string name, ResourceContent? after, ImmutableArray<HubGroup> named)
    {
        var id = ResourceId.PolicyRules(name);
        var resource = resources.Get(id);
        if (!_rules.TryGetValue(name, out var rules))
        {
            _rules[name] = rules = new SharedRules();
        }

        if (after is null)
        {
            rules.Holders.Remove(tenant);
            if (rules.Holders.Count == 0)
            {
                resources.Replace(id, null, Cause.OfDraft(tenant));
            }

            if (rules.IsUnused)
            {
                _rules.Remove(name);
            }

            return;
        }

        rules.Holders.Add(tenant);
        var references = named.Select(g => g.Resource.Id);
        if (resource.Content is not { } content)
        {
            rules.ClusterRevision = tenant.Draft!.ClusterRevision;
            resources.Replace(id, new ResourceContent(after.Head, []), Cause.OfDraft(tenant), references);
        }
        else if (content.Digest != after.Digest && (rules.Holders.Count == 1 || tenant.Draft!.ClusterRevision >= rules.ClusterRevision))
        {
            rules.ClusterRevision = tenant.Draft!.ClusterRevision;
            var (digest, delta) = (content.Digest, new ContentDelta(after.Head, [], []));
            content.Apply(delta);
            ResourceBook.Changed(resource, digest, delta, Cause.OfDraft(tenant), references);
        }
        else
        {
            // Another tenant brought this form already; whether this tenant's nodes have it is still to be known.
            ResourceBook.Tell(resource, ReferenceChange.None, Cause.OfDraft(tenant));
        }
    }

    private void Bind(TenantState tenant, string node, ResourceContent? binding)
    {
        var id = ResourceId.Binding(tenant.Name, node);
        if (!Bindings.TryGetValue(node, out var bound))
        {
            Bindings[node] = bound = [];
        }

        if (binding is null)
        {
            bound.Remove(id);
            if (bound.Count == 0)
            {
                Bindings.Remove(node);
            }
        }
        else
        {
            bound.Add(id);
        }

        resources.Replace(id, binding, Cause.OfDraft(tenant));
        foreach (var served in nodes.At(node))
        {
            served.Span.Adjust(binding is null ? [] : [id], binding is null ? [id] : []);
            served.Mark(id, Cause.OfDraft(tenant));
            if (binding is null)
            {
                served.Unbind(tenant);
            }
            else
            {
                served.Bind(tenant);
            }
        }
    }

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
