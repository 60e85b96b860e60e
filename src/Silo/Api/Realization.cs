using Google.Protobuf.WellKnownTypes;
using Vallum.Cluster.Status;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Api;

/// <summary>From how far nodes have come to what an operator asks: is it in force, and where not. Pure.</summary>
internal static class Realization
{
    private const int MaxLagging = 20;

    /// <summary>Realized: in the kernel of every node of the span, by an agent that is connected and has nothing to complain of.</summary>
    public static PolicyStatus Of(PolicyProgress progress)
    {
        var lagging = Lagging(progress.Span, progress.Revision);
        var status = new PolicyStatus
        {
            Revision = progress.Revision,
            NodesDesired = progress.Span.Length,
            NodesRealized = progress.Span.Length - lagging.Count,
            NodesFailed = lagging.Count(n => n.Connected && n.Error.Length > 0),
            Lagging = { lagging.Take(MaxLagging) },
        };
        status.Phase = lagging.Count == 0
            ? PolicyStatus.Types.Phase.Realized
            : status.NodesFailed > 0
                ? PolicyStatus.Types.Phase.Failed
                : lagging.Exists(n => !n.Connected) ? PolicyStatus.Types.Phase.Pending : PolicyStatus.Types.Phase.Realizing;
        if (status.Phase == PolicyStatus.Types.Phase.Realized && progress.RealizedIn is { } duration)
        {
            status.RealizedIn = Duration.FromTimeSpan(duration);
        }

        return status;
    }

    /// <summary>Nodes that have not both revisions in their kernel: disconnected ones first, then the slowest.</summary>
    /// <param name="cluster">Of the cluster's own objects; 0: any.</param>
    public static List<NodeRealization> Lagging(IEnumerable<NodeProgress> nodes, long revision, long cluster = 0) =>
    [
        .. nodes
            .Where(n => !n.Connected || n.Applied < revision || n.AppliedCluster < cluster)
            .OrderBy(n => n.Connected)
            .ThenBy(n => n.Applied)
            .ThenBy(n => n.Node, StringComparer.Ordinal)
            .Select(n => new NodeRealization { Node = n.Node, Connected = n.Connected, AppliedRevision = n.Applied, Error = n.Error }),
    ];
}
