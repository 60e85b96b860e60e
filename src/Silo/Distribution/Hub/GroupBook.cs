using Vallum.Cluster.Compiled;
using Vallum.Policies.Model;
using Vallum.Policies.Resources;
using Vallum.Silo.Distribution.Content;
using Vallum.Silo.Distribution.Encoding;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// The groups that policies of this silo name: who contributes to each, what is asked of those, and the union. Guarded by the hub's lock.
/// </summary>
internal sealed class GroupBook(ResourceBook resources, TenantBook tenants)
{
    private readonly Dictionary<string, HubGroup> _groups = [];
    private readonly HashSet<HubGroup> _wide = [];
    private readonly HashSet<HubGroup> _ofCluster = [];
    private readonly HashSet<HubGroup> _unowned = [];

    public IReadOnlyCollection<TenantState> ContributorsOf(ResourceId id) => _groups.GetValueOrDefault(id.Name)?.Contributors ?? [];

    /// <summary>A policy of <paramref name="owner"/> names the group.</summary>
    public HubGroup Reserve(GroupWant want, string owner, ClusterSnapshot view)
    {
        if (!_groups.TryGetValue(want.Id, out var group))
        {
            group = new HubGroup(want, WantEncoding.FromWant(want), resources.Get(ResourceId.Group(want.Id)));
            _groups[want.Id] = group;
            Fill(group, view);
        }

        _unowned.Remove(group);
        group.Owners[owner] = group.Owners.GetValueOrDefault(owner) + 1;
        if (group.Owners[owner] == 1 && group.Owners.Count <= 2)
        {
            TellWants(group);
        }

        return group;
    }

    /// <summary>Takes effect with <see cref="Sweep"/>: the owner may be about to name it again.</summary>
    public void Release(HubGroup group, string owner)
    {
        if (--group.Owners[owner] > 0)
        {
            return;
        }

        group.Owners.Remove(owner);
        if (group.Owners.Count == 0)
        {
            _unowned.Add(group);
        }
        else if (group.Owners.Count == 1)
        {
            TellWants(group);
        }
    }

    /// <summary>Groups that nobody names any more go.</summary>
    public void Sweep()
    {
        foreach (var group in _unowned)
        {
            _groups.Remove(group.Want.Id);
            _wide.Remove(group);
            _ofCluster.Remove(group);
            foreach (var contributor in group.Contributors)
            {
                Leave(group, contributor);
            }

            resources.Replace(group.Resource.Id, null, Cause.None);
        }

        _unowned.Clear();
    }

    /// <summary>A tenant's part changes, with its draft.</summary>
    public static void PartChanged(TenantState tenant, string part, ContentDelta delta)
    {
        if (tenant.Parts.TryGetValue(part, out var use))
        {
            foreach (var group in use.Groups)
            {
                Unite(group, delta, Cause.OfDraft(tenant));
            }
        }
    }

    /// <summary>The cluster's own objects have changed.</summary>
    public void ViewChanged(ClusterSnapshot before, ClusterSnapshot after)
    {
        if (!ReferenceEquals(before.Tenants, after.Tenants))
        {
            foreach (var tenant in before.Tenants.Keys.Union(after.Tenants.Keys))
            {
                var (old, now) = (before.Tenants.GetValueOrDefault(tenant), after.Tenants.GetValueOrDefault(tenant));
                if (!Equals(old, now))
                {
                    Rescope(tenant, now);
                }
            }
        }

        foreach (var group in _ofCluster)
        {
            var content = OfCluster(group.Definition, after);
            var delta = ContentDelta.Between(group.Resource.Content!, content);
            Apply(group, delta, Cause.OfCluster(before.Revision));
        }
    }

    private void Rescope(TenantName tenant, LabelSet? labels)
    {
        foreach (var group in _wide)
        {
            var belongs = labels is not null && group.Includes(tenant, labels);
            var state = belongs ? tenants.Get(tenant.Value) : tenants.Find(tenant.Value);
            if (state is null || group.Contributors.Contains(state) == belongs)
            {
                continue;
            }

            if (belongs)
            {
                Join(group, state);
                Tell(group, state);
                if (state.Published(CompiledKey.Part(group.PartId)) is { } part)
                {
                    Unite(group, new ContentDelta(null, [.. part.Entries], []), Cause.OfScope(state));
                }
            }
            else
            {
                if (state.Published(CompiledKey.Part(group.PartId)) is { } part)
                {
                    Unite(group, new ContentDelta(null, [], [.. part.Entries]), Cause.OfScope(state));
                }

                group.Contributors.Remove(state);
                Leave(group, state);
            }
        }
    }

    private void Fill(HubGroup group, ClusterSnapshot view)
    {
        if (group.Definition is not GroupDefinition.OfEndpoints endpoints)
        {
            _ofCluster.Add(group);
            resources.Replace(group.Resource.Id, OfCluster(group.Definition, view), Cause.None);
            return;
        }

        resources.Replace(group.Resource.Id, new ResourceContent([], []), Cause.None);
        var names = endpoints.Tenants is ResolvedScope.Named named
            ? named.Names.Select(n => n.Value)
            : view.Tenants.Where(t => endpoints.Tenants.Includes(t.Key, t.Value)).Select(t => t.Key.Value);
        if (group.IsWide)
        {
            _wide.Add(group);
        }

        foreach (var tenant in names.Select(tenants.Get))
        {
            Join(group, tenant);
            group.Missing.Add(tenant);
            if (tenant.Published(CompiledKey.Part(group.PartId)) is { } part)
            {
                Unite(group, new ContentDelta(null, [.. part.Entries], []), Cause.None);
            }
        }
    }

    private static void Join(HubGroup group, TenantState tenant)
    {
        group.Contributors.Add(tenant);
        if (!tenant.Parts.TryGetValue(group.PartId, out var use))
        {
            tenant.Parts[group.PartId] = use = new PartUse(group.Want.Part!);
        }

        use.Groups.Add(group);
    }

    private void Leave(HubGroup group, TenantState tenant)
    {
        var use = tenant.Parts[group.PartId];
        use.Groups.Remove(group);
        if (use.Groups.Count == 0)
        {
            tenant.Parts.Remove(group.PartId);
            if (use.IsWanted)
            {
                tenant.WantsVersion++;
                tenant.WantedParts--;
            }
        }
        else
        {
            Tell(group, tenant);
        }

        tenants.NoteNeed(tenant);
    }

    private void TellWants(HubGroup group)
    {
        foreach (var tenant in group.Contributors)
        {
            Tell(group, tenant);
        }
    }

    // Only a part that is newly wanted is worth interrupting a parked pull; one that is not wanted any more is said with the next.
    private void Tell(HubGroup group, TenantState tenant)
    {
        var use = tenant.Parts[group.PartId];
        var wanted = use.Groups.Any(g => g.IsWantedFrom(tenant));
        if (wanted == use.IsWanted)
        {
            return;
        }

        use.IsWanted = wanted;
        tenant.WantedParts += wanted ? 1 : -1;
        tenant.WantsVersion++;
        tenants.NoteNeed(tenant);
        if (wanted)
        {
            use.Since = tenant.WantsVersion;
            tenants.Attend(tenant);
        }
    }

    private static void Unite(HubGroup group, ContentDelta part, Cause cause) => Apply(group, group.Unite(part), cause);

    private static void Apply(HubGroup group, ContentDelta delta, Cause cause)
    {
        if (!delta.IsEmpty)
        {
            var before = group.Resource.Content!.Digest;
            group.Resource.Content.Apply(delta);
            ResourceBook.Changed(group.Resource, before, delta, cause);
        }
    }

    private static ResourceContent OfCluster(GroupDefinition definition, ClusterSnapshot view)
    {
        var members = definition switch
        {
            GroupDefinition.OfNetworkSet set => view.NetworkSets.GetValueOrDefault(set.Name)?.Cidrs.Select(c => new GroupMember(c)) ?? [],
            GroupDefinition.OfNodes nodes => view.Nodes.Values.Where(n => nodes.Selector.Matches(n.Labels))
                .SelectMany(n => n.Addresses).Select(a => new GroupMember(Primitives.Cidr.Host(a))),
            _ => throw new InvalidOperationException($"not a group of the cluster's own objects: {definition}"),
        };
        return new ResourceContent([], members.Distinct().Select(m => new Entry(MemberEncoding.Pack(m))));
    }
}
