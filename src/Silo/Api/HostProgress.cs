using System.Collections.Concurrent;
using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Cluster;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Status;
using Vallum.Contracts.Api.V1;
using Vallum.Manifests.Parsing;
using Vallum.Policies.Model;
using Node = Vallum.Contracts.Api.V1.Node;
using Policy = Vallum.Contracts.Api.V1.Policy;

namespace Vallum.Silo.Api;

/// <summary>How far the nodes have come that the operator's policies about nodes select: no tenant knows of those.</summary>
internal sealed class HostProgress(IGrainFactory grains)
{
    private const int Concurrency = 32;
    private const int PageSize = 1000;

    public static bool IsAboutNodes(Policy policy) => policy.Spec is { } spec && spec.Subject.Any(s => s.Nodes is not null);

    /// <summary>Puts beside each policy how far it is realized.</summary>
    public async Task AddAsync(ImmutableArray<Policy> policies, CancellationToken cancellationToken)
    {
        if (policies.IsEmpty)
        {
            return;
        }

        var nodes = await AllAsync(ObjectKinds.Node, cancellationToken);
        var spans = policies.Select(p => SpanOf(p, nodes)).ToImmutableArray();
        var progress = await ProgressAsync(spans.SelectMany(s => s), cancellationToken);
        for (var i = 0; i < policies.Length; i++)
        {
            var revision = policies[i].Metadata.Revision;

            // What a node's labels say belongs to the policy's span: a node that was relabelled since must have that too.
            var reached = spans[i].Select(n => progress[n.Name] is var p && p.Applied >= n.Metadata.Revision ? p : p with { Applied = Math.Min(p.Applied, revision - 1) });
            policies[i].Status = Realization.Of(new PolicyProgress(revision, [.. reached], null));
        }
    }

    /// <summary>
    /// The nodes that policies are about, or were when their agents said something last, and that have not the revision of the cluster's own objects in
    /// their kernel.
    /// </summary>
    /// <param name="only">Of these; null: of all.</param>
    public async Task<List<NodeRealization>> LaggingAsync(long revision, IReadOnlySet<string>? only, CancellationToken cancellationToken)
    {
        var nodes = (await NodesAsync(cancellationToken)).Where(n => only?.Contains(NameOf(n)) ?? true).ToList();
        var policies = (await AllAsync(ObjectKinds.Policy, cancellationToken)).Where(IsAboutNodes);
        var span = policies.SelectMany(p => SpanOf(p, nodes)).Select(NameOf).ToHashSet();

        // A policy that is changed or deleted is no longer about nodes that still have it: those say themselves that they have policies.
        var progress = (await ProgressAsync(nodes, cancellationToken)).Values;
        return Realization.Lagging(progress.Where(p => span.Contains(p.Node) || (p.AppliedCluster > 0 && p.AppliedCluster < revision)), revision);
    }

    public Task<List<Node>> NodesAsync(CancellationToken cancellationToken) => AllAsync(ObjectKinds.Node, cancellationToken);

    public static string NameOf(Node node) => node.Name["nodes/".Length..];

    private static IEnumerable<Node> SpanOf(Policy policy, List<Node> nodes)
    {
        var selectors = ObjectParser.Parse(policy).Value.Nodes;
        return nodes.Where(n => selectors.Any(s => s.Matches(LabelSet.Of(n.Metadata.Labels))));
    }

    private async Task<ConcurrentDictionary<string, NodeProgress>> ProgressAsync(IEnumerable<Node> nodes, CancellationToken cancellationToken)
    {
        var progress = new ConcurrentDictionary<string, NodeProgress>();
        await Parallel.ForEachAsync(
            nodes.DistinctBy(n => n.Name),
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (node, _) =>
            {
                var name = NameOf(node);
                var status = await grains.GetGrain<INodeGrain>(name).Status();
                progress[node.Name] = new NodeProgress(name, status.Connected, AppliedOf(status), ErrorOf(status), status.HostRevision);
            });
        return progress;
    }

    private static long AppliedOf(AgentStatus status) => status.KnowsHostPolicies ? status.HostRevision : 0;

    private static string ErrorOf(AgentStatus status) =>
        status is { Connected: true, KnowsHostPolicies: false } ? "its agent does not know policies about nodes: update it" : status.LastError;

    private async Task<List<T>> AllAsync<T>(ObjectKindTraits<T> traits, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        List<T> all = [];
        var after = "";
        for (var more = true; more;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var page = await grains.GetGrain<IClusterGrain>(IClusterGrain.Key).List(new ListObjects(traits.Kind, after, PageSize));
            foreach (var document in page.Documents)
            {
                all.Add(ObjectKinds.ToMessage(traits, "", document));
                after = document.Name;
            }

            more = page.More;
        }

        return all;
    }
}
