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
    private Dictionary<string, (NodeProgressReport Report, DateTimeOffset Time)> _nodes = [];

    /// <returns>False for a report that came late.</returns>
    public bool Take(ProgressReport report, DateTimeOffset now)
    {
        if (_hubs.TryGetValue(report.Hub, out var known) && known.Report.Number >= report.Number)
        {
            return false;
        }

        _hubs[report.Hub] = (report, now);
        Forget(now);
        Unite();
        return true;
    }

    public void Forget(DateTimeOffset now)
    {
        var gone = _hubs.Where(pair => now - pair.Value.Time > Lease).Select(pair => pair.Key).ToList();
        if (gone.Count > 0)
        {
            gone.ForEach(hub => _hubs.Remove(hub));
            Unite();
        }
    }

    /// <summary>Of a node that has endpoints of the tenant. A silo that does not know that yet says only how far the members are that the node holds.</summary>
    public NodeProgress ProgressOf(string node) => _nodes.GetValueOrDefault(node).Report switch
    {
        null => new NodeProgress(node, false, 0, "", 0),
        { MembersOnly: true } report => new NodeProgress(node, true, 0, report.Error, 0),
        var report => Of(report),
    };

    /// <param name="withEndpoints">The nodes that have endpoints of the tenant.</param>
    public ImmutableArray<NodeProgress> All(IEnumerable<string> withEndpoints)
    {
        var own = withEndpoints.ToHashSet();
        return
        [
            .. own.Select(ProgressOf).Concat(_nodes.Values.Select(said => said.Report).Where(report => !report.Arriving && !own.Contains(report.Node)).Select(Of))
                .OrderBy(progress => progress.Node, StringComparer.Ordinal),
        ];
    }

    private static NodeProgress Of(NodeProgressReport report) => new(report.Node, true, report.AppliedRevision, report.Error, report.AppliedClusterRevision);

    // A node that has moved is in the reports of two silos for a while, and the one that it has left may not know: its younger session speaks. Written out,
    // for it is done with every report, and a report may have thousands of nodes.
    private void Unite()
    {
        var nodes = new Dictionary<string, (NodeProgressReport Report, DateTimeOffset Time)>(_nodes.Count);
        foreach (var (report, time) in _hubs.Values)
        {
            foreach (var node in report.Nodes)
            {
                if (!nodes.TryGetValue(node.Node, out var known) || known.Report.Since < node.Since || (known.Report.Since == node.Since && known.Time <= time))
                {
                    nodes[node.Node] = (node, time);
                }
            }
        }

        _nodes = nodes;
    }
}
