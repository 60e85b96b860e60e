using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution.Hub;

/// <summary>
/// How far this silo's nodes have come with each tenant, and which tenants have not been told yet. A node counts for a tenant when it holds endpoints of
/// it, or members of it in a group of anybody's policy. Guarded by the hub's lock.
/// </summary>
internal sealed class ProgressBook(NodeBook nodes, GroupBook groups)
{
    private readonly HashSet<TenantState> _changed = [];
    private readonly HashSet<TenantState> _finished = [];

    public bool HasChanges => _changed.Count > 0;

    /// <summary>There are tenants of which nothing is on its way any more: somebody may be waiting for just that.</summary>
    public bool HasFinished => _finished.Count > 0;

    public void Note(TenantState tenant)
    {
        _changed.Add(tenant);
        if (tenant.MarkedBy.Count == 0)
        {
            _finished.Add(tenant);
        }
    }

    /// <summary>Something is to be told of it: the next report may wait.</summary>
    public void NoteAgain(TenantState tenant) => _changed.Add(tenant);

    public void Forget(TenantState tenant)
    {
        _changed.Remove(tenant);
        _finished.Remove(tenant);
    }

    /// <summary>The node has come, gone, or moved for all of its tenants.</summary>
    public void NoteNode(ServedNode served)
    {
        _changed.UnionWith(served.Bound);
        _changed.UnionWith(served.Behind);
        foreach (var id in served.Span.Members)
        {
            NoteGroup(id);
        }
    }

    /// <summary>A resource has come to a node or left it: if it is a group, that concerns its contributors.</summary>
    public void NoteGroup(ResourceId id)
    {
        if (id.Kind == ResourceKind.Group)
        {
            _changed.UnionWith(groups.ContributorsOf(id));
        }
    }

    public IReadOnlyList<TenantState> TakeChanged()
    {
        var taken = _changed.ToArray();
        _changed.Clear();
        _finished.Clear();
        return taken;
    }

    public IReadOnlyList<TenantState> TakeFinished()
    {
        var taken = _finished.ToArray();
        _changed.ExceptWith(taken);
        _finished.Clear();
        return taken;
    }

    /// <summary>Every connected node of this silo that holds anything of the tenant, or that may have to.</summary>
    public ImmutableArray<NodeProgressReport> Nodes(TenantState tenant, long viewRevision)
    {
        var holding = new HashSet<ServedNode>(tenant.BoundNodes);
        holding.UnionWith(tenant.MarkedBy);
        foreach (var group in tenant.Parts.Values.SelectMany(p => p.Groups))
        {
            foreach (var node in group.Resource.Watchers)
            {
                if (!node.Arriving.Contains(group.Resource.Id))
                {
                    holding.Add(node);
                }
            }
        }

        var reports = ImmutableArray.CreateBuilder<NodeProgressReport>();
        foreach (var node in holding)
        {
            if (node.IsSynced && nodes.Speaks(node))
            {
                reports.Add(Of(node, tenant, viewRevision));
            }
        }

        // Whatever the silo says that the agent was at before: that may be undone now, for this silo may know less.
        foreach (var node in tenant.Nodes)
        {
            if (!node.IsSynced && nodes.Speaks(node))
            {
                reports.Add(new NodeProgressReport(node.Node, 0, 0, node.Error) { Since = node.Since, Arriving = true });
            }
        }

        return reports.ToImmutable();
    }

    /// <summary>The nodes that have not both revisions of what they hold of the tenant, or that wait for the tenant's part of a group.</summary>
    public IEnumerable<NodeProgressReport> Lagging(TenantState tenant, long revision, long cluster, long viewRevision)
    {
        var waiting = tenant.Parts.Values.SelectMany(part => part.Groups).Where(group => Cuts.IsMissing(group, tenant))
            .SelectMany(group => group.Resource.Watchers).Where(node => node.IsSynced && nodes.Speaks(node))
            .Select(node => new NodeProgressReport(node.Node, 0, 0, node.Error));
        return Nodes(tenant, viewRevision).Where(node => !node.Arriving && (node.AppliedRevision < revision || node.AppliedClusterRevision < cluster)).Concat(waiting).DistinctBy(node => node.Node);
    }

    private static NodeProgressReport Of(ServedNode node, TenantState tenant, long viewRevision)
    {
        var behind = node.BehindOn(tenant);
        var cluster = Math.Min(behind?.Cluster ?? tenant.ClusterRevision, node.BehindOnCluster ?? viewRevision);
        return new NodeProgressReport(node.Node, behind?.Tenant ?? tenant.Revision, cluster, behind is null ? "" : node.Error)
        {
            MembersOnly = !node.Bound.Contains(tenant),
            Since = node.Since,
        };
    }
}
