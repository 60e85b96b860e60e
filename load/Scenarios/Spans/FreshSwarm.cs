using Grpc.Net.Client;
using Vallum.Chaos.Processes;
using Vallum.Contracts.Api.V1;
using Vallum.Primitives;
using Vallum.Swarm;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Scenarios.Spans;

/// <summary>What nodes should hold, told by a silo that has met nothing but these objects.</summary>
internal static class FreshSwarm
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(3);

    /// <summary>Everything in which the agents differ from what a fresh silo gives their nodes; at most a few words.</summary>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(
        IReadOnlyList<SwarmAgent> agents, IEnumerable<ApiObject[]> objects, CancellationToken cancellationToken)
    {
        await using var silo = await SiloCluster.StartAsync(Backend.Sqlite, 1, gateways: false, cancellationToken);
        try
        {
            using var channel = GrpcChannel.ForAddress(silo.Addresses[0]);
            var resources = new ResourceService.ResourceServiceClient(channel);
            foreach (var call in objects)
            {
                await resources.ApplyAsync(new ApplyRequest { Objects = { call } }, cancellationToken: cancellationToken);
            }

            var options = new SwarmOptions { Servers = [SwarmServers.Of(silo.Addresses[0])] };
            await using var fresh = Swarm.Swarm.Connect(options, agents.Select(agent => agent.Node));
            await fresh.SyncedAsync(Within, cancellationToken);
            return [.. Differences(agents, fresh.Agents.ToDictionary(agent => agent.Node, agent => agent.Digest, StringComparer.Ordinal)), .. fresh.Faults.Take(3)];
        }
        finally
        {
            Directory.Delete(silo.Folder, recursive: true);
        }
    }

    private static IEnumerable<string> Differences(IReadOnlyList<SwarmAgent> agents, Dictionary<string, Digest> fresh)
    {
        var wrong = agents.Where(agent => agent.Reading != Reading.Dead && agent.Digest != fresh[agent.Node]).Select(agent => agent.Node).ToList();
        if (wrong.Count > 0)
        {
            yield return $"{wrong.Count} of {agents.Count} agents hold something else than a fresh compile gives, such as {string.Join(", ", wrong.Take(3))}";
        }

        // Digests from scratch and references, by an implementation of its own; of all it would take long.
        foreach (var agent in agents.Where((_, number) => number % Math.Max(1, agents.Count / 50) == 0))
        {
            var state = agent.State.ToAgentState();
            if (state.Digest != agent.Digest || state.Dangling.Any())
            {
                yield return $"{agent.Node}: {string.Join("; ", state.Dangling.Take(3).DefaultIfEmpty("another digest from scratch"))}";
            }
        }
    }
}
