using Vallum.Primitives;
using Vallum.Silo.Distribution.Content;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>All resources of this silo, and who is told when one changes. Guarded by the hub's lock.</summary>
internal sealed class ResourceBook
{
    private readonly Dictionary<ResourceId, HubResource> _resources = [];

    public int Count => _resources.Count;

    public HubResource? Find(ResourceId id) => _resources.GetValueOrDefault(id);

    public HubResource Get(ResourceId id)
    {
        if (!_resources.TryGetValue(id, out var resource))
        {
            _resources[id] = resource = new HubResource(id);
        }

        return resource;
    }

    public IEnumerable<ResourceId> ReferencesOf(ResourceId id) => Find(id)?.References ?? [];

    /// <summary>The resource comes, is replaced or goes.</summary>
    /// <param name="cause">Whose change it is, before its revision moves.</param>
    public void Replace(ResourceId id, ResourceContent? content, Cause cause, IEnumerable<ResourceId>? references = null)
    {
        var resource = Get(id);
        Tell(resource, resource.Replace(content, references), cause);
        DropIfUnused(resource);
    }

    /// <summary>The content has been changed by <paramref name="delta"/> already.</summary>
    public static void Changed(HubResource resource, Digest before, ContentDelta delta, Cause cause, IEnumerable<ResourceId>? references = null) =>
        Tell(resource, resource.Changed(before, delta, references), cause);

    /// <summary>Tells the watchers that <paramref name="cause"/>'s next revision concerns them through this resource.</summary>
    public static void Tell(HubResource resource, ReferenceChange references, Cause cause)
    {
        // What a tenant's profiles and policies mean for a node goes by the tenant's endpoints there: an operator's policy that two tenants
        // share is on the node for each of them. Members of a group concern every node that has the group.
        var throughEndpoints = resource.Id.Kind is Contracts.Agent.V1.ResourceKind.Profile or Contracts.Agent.V1.ResourceKind.PolicyRules;
        foreach (var node in resource.Watchers)
        {
            node.Span.Adjust(references.Gained, references.Lost);
            node.Mark(resource.Id, throughEndpoints && cause.Tenant is { } tenant && !node.Bound.Contains(tenant) ? Cause.None : cause);
        }
    }

    public void DropIfUnused(HubResource resource)
    {
        if (resource.Content is null && resource.Watchers.Count == 0)
        {
            _resources.Remove(resource.Id);
        }
    }
}
