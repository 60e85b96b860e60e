using Google.Protobuf.WellKnownTypes;
using Vallum.Agents;
using Vallum.Chaos.Worlds;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Chaos.Judging;

/// <summary>What nodes should hold: told by a silo that has met no fault, and is given the journal's last word in one go.</summary>
internal static class FreshCompile
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(1);

    /// <param name="objects">Of each tenant.</param>
    /// <returns>By node.</returns>
    public static Task<IReadOnlyDictionary<string, AgentState>> OfAsync(
        World world, IEnumerable<IReadOnlyList<ApiObject>> objects, CancellationToken cancellationToken) =>
        OfAsync(world.NodeNames, [.. world.Cluster()], objects, cancellationToken);

    /// <param name="nodes">Those that are asked about.</param>
    /// <param name="cluster">The cluster's own objects.</param>
    /// <param name="objects">Of each tenant.</param>
    /// <returns>By node.</returns>
    public static async Task<IReadOnlyDictionary<string, AgentState>> OfAsync(
        IEnumerable<string> nodes, IReadOnlyList<ApiObject> cluster, IEnumerable<IReadOnlyList<ApiObject>> objects, CancellationToken cancellationToken)
    {
        await using var silo = await TestSilo.StartAsync();
        var agents = nodes.Select(node => ConnectedAgent.To(silo, node)).ToList();
        try
        {
            var resources = new ResourceService.ResourceServiceClient(silo.Channel);
            await resources.ApplyAsync(new ApplyRequest { Objects = { cluster } }, cancellationToken: cancellationToken);
            var wanted = new WaitRealizedRequest { Timeout = Duration.FromTimeSpan(Within) };
            foreach (var tenant in objects)
            {
                foreach (var revision in (await resources.ApplyAsync(new ApplyRequest { Objects = { tenant } }, cancellationToken: cancellationToken)).Revisions)
                {
                    wanted.Revisions[revision.Scope] = revision.Revision;
                }
            }

            var answer = await new StatusService.StatusServiceClient(silo.Channel).WaitRealizedAsync(wanted, cancellationToken: cancellationToken);
            return answer.Realized
                ? agents.ToDictionary(agent => agent.Agent.Node, agent => agent.Agent.State)
                : throw new TimeoutException($"a silo that met no fault did not bring its agents in sync within {Within}: {answer.Lagging}");
        }
        finally
        {
            foreach (var agent in agents)
            {
                await agent.DisposeAsync();
            }
        }
    }
}
