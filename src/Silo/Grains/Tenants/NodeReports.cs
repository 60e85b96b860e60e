using System.Collections.Immutable;
using Vallum.Cluster.Compiled;
using Vallum.Cluster.Status;

namespace Vallum.Silo.Grains.Tenants;

/// <summary>How far the nodes have come, as the hubs that serve them said last. In memory: every hub says it again within seconds.</summary>
internal sealed class NodeReports
{
    /// <summary>A hub that has not reported for so long is gone, and what it said is no longer known; it reports at least every 5 s.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, (ProgressReport Report, DateTimeOffset Time)> _hubs = [];
    private Dictionary<string, NodeProgressReport> _nodes = [];

    /// <summary>All nodes that a live hub reports.</summary>
    public IReadOnlyCollection<string> Nodes => _nodes.Keys;

    /// <returns>False for a report that came late.</returns>
    public bool Take(ProgressReport report, DateTimeOffset now)
    {
        if (_hubs.TryGetValue(report.Hub, out var known) && known.Report.Number >= report.Number)
        {
            return false;
        }

        _hubs[report.Hub] = (report, now);
        Forget(now);
        // A node that has moved to another silo is in two reports for a while: what was said last holds.
        _nodes = _hubs.Values.OrderBy(hub => hub.Time).SelectMany(hub => hub.Report.Nodes).GroupBy(node => node.Node)
            .ToDictionary(group => group.Key, group => group.Last());
        return true;
    }

    public void Forget(DateTimeOffset now)
    {
        var gone = _hubs.Where(pair => now - pair.Value.Time > Lease).Select(pair => pair.Key).ToList();
        if (gone.Count > 0)
        {
            gone.ForEach(hub => _hubs.Remove(hub));
            _nodes = _nodes.Where(pair => _hubs.Values.Any(hub => hub.Report.Nodes.Contains(pair.Value))).ToDictionary();
        }
    }

    public long AppliedRevision(string node) => _nodes.GetValueOrDefault(node)?.AppliedRevision ?? 0;

    public NodeProgress ProgressOf(string node) => _nodes.GetValueOrDefault(node) is { } report
        ? new NodeProgress(node, true, report.AppliedRevision, report.Error, report.AppliedClusterRevision)
        : new NodeProgress(node, false, 0, "", 0);

    /// <summary>As <see cref="ProgressOf"/> of what follows the cluster's own revisions: an operator's policy.</summary>
    public NodeProgress ClusterProgressOf(string node)
    {
        var progress = ProgressOf(node);
        return progress with { Applied = progress.AppliedCluster };
    }

    public ImmutableArray<NodeProgress> All(IEnumerable<string> concerned) =>
        [.. concerned.Concat(_nodes.Keys).Distinct().Order(StringComparer.Ordinal).Select(ProgressOf)];
}
