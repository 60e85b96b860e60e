using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>A draft becomes what nodes are sent.</summary>
internal sealed partial class Cuts
{
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
}
