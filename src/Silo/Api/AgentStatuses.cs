using Google.Protobuf.WellKnownTypes;
using Vallum.Cluster;
using Vallum.Cluster.Status;
using Vallum.Contracts.Api.V1;

namespace Vallum.Silo.Api;

/// <summary>Puts beside a node what is known of its agent.</summary>
internal sealed class AgentStatuses(IGrainFactory grains)
{
    private const int Concurrency = 32;

    public Task AddAsync(IReadOnlyCollection<Node> nodes, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(
            nodes,
            new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken },
            async (node, _) => node.Status = Of(await grains.GetGrain<INodeGrain>(node.Name["nodes/".Length..]).Status()));

    public static NodeStatus Of(AgentStatus status)
    {
        var message = new NodeStatus
        {
            Connected = status.Connected,
            AgentVersion = status.AgentVersion,
            Backend = status.Backend,
            Silo = status.Silo,
            InSync = status.InSync,
            LastError = status.LastError,
            DriftRepairs = status.DriftRepairs,
            Chains = status.Chains,
            Sets = status.Sets,
            Members = status.Members,
            Endpoints = status.Endpoints,
            DeniedPackets = status.DeniedPackets,
            DeniedBytes = status.DeniedBytes,
            Warnings = { status.Warnings },
            Drift = { status.Drift.Select(d => new DriftFinding { Time = Timestamp.FromDateTimeOffset(d.Time), Words = d.Words, Repaired = d.Repaired }) },
        };
        if (status.ConnectedSince is { } since)
        {
            message.ConnectedSince = Timestamp.FromDateTimeOffset(since);
        }

        if (status.LastAckTime is { } ack)
        {
            message.LastAckTime = Timestamp.FromDateTimeOffset(ack);
        }

        if (status.LastApplyDuration is { } duration)
        {
            message.LastApplyDuration = Duration.FromTimeSpan(duration);
        }

        return message;
    }
}
