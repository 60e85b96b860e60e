using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>Answers become drafts.</summary>
internal sealed partial class Cuts
{
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
}
