using CsCheck;
using Shouldly;
using Vallum.Agents;
using Vallum.Distribution.Tests.Worlds;
using Vallum.Testing.Worlds;
using Xunit;

namespace Vallum.Distribution.Tests.Sessions;

/// <summary>Whatever happens on the way, every agent ends with what its node should hold, and never holds half of a change.</summary>
public sealed class ConvergenceTests
{
    private static readonly string[] Nodes = [.. Vocabulary.Nodes.Select(n => n.Value)];

    // More at leisure: VALLUM_RUNS=1000.
    private static readonly int Runs = int.TryParse(Environment.GetEnvironmentVariable("VALLUM_RUNS"), out var runs) ? runs : 25;

    [Fact]
    public async Task Every_history_ends_with_every_agent_holding_what_a_fresh_compilation_says() =>
        await Histories(30, 20).SampleAsync(async run => await PlayAsync(run.History, run.Seed), iter: Runs, threads: 2);

    [Fact]
    public async Task Agents_that_lose_acks_refuse_and_come_back_end_with_the_same() =>
        await Histories(30, 20).SampleAsync(async run => await PlayAsync(run.History, run.Seed, isRough: true), iter: Runs, threads: 2);

    private static Gen<(History History, int Seed)> Histories(int longest, int shortest) =>
        Gen.Select(WorldGens.Histories(longest), Gen.Int[0, 1_000_000]).Where(r => r.Item1.Changes.Length >= Math.Min(shortest, 1));

    private static async Task PlayAsync(History history, int seed, bool isRough = false)
    {
        var dice = new Random(seed);
        var cluster = new FakeCluster();
        cluster.Apply(history.Start.AsChanges());
        var options = FakeSilo.Quick();
        if (isRough)
        {
            // Lost acks are waited for.
            options.AckDeadline = TimeSpan.FromMilliseconds(300);
        }

        await using var silo = await FakeSilo.StartAsync(cluster, options);
        var agents = Nodes.Select(n => new RoughAgent(n, cluster, silo, isRough ? new Random(dice.Next()) : null)).ToArray();
        var lies = new System.Collections.Concurrent.ConcurrentQueue<string>();
        if (!isRough)
        {
            // Reports are judged when they arrive: the agent may have gone on since, but never back.
            cluster.Reported = (tenant, report) =>
            {
                foreach (var node in report.Nodes)
                {
                    if (!cluster.IsTrue(node, tenant, agents.Single(a => a.Node == node.Node).State))
                    {
                        lies.Enqueue($"{tenant}: {node}");
                    }
                }
            };
        }

        foreach (var change in history.Changes)
        {
            cluster.Apply([change], dice.Next(3) != 0);
            await Disturb(cluster, agents, dice, isRough);
        }

        cluster.CatchAll();
        foreach (var agent in agents)
        {
            agent.Calm();
            var wanted = WireResources.Wanted(cluster.State, agent.Node);
            await Eventually.BecomesTrue(
                () => agent.State.Digest == wanted.Digest && cluster.IsRealized(agent.Node),
                () => $"{agent.Node} holds {Text(agent.State)} and should hold {Text(wanted)}; {cluster.ProgressText(agent.Node)}; hub {silo.Hub.Counts}; {string.Join("; ", agent.Faults)}",
                agent.MendAsync);
        }

        agents.SelectMany(a => a.Faults).ShouldBeEmpty();
        lies.ShouldBeEmpty();
        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }
    }

    private static async Task Disturb(FakeCluster cluster, RoughAgent[] agents, Random dice, bool isRough)
    {
        switch (dice.Next(isRough ? 8 : 4))
        {
            case 0:
                cluster.Catch(Vocabulary.Tenants[dice.Next(Vocabulary.Tenants.Length)].Value);
                break;
            case 1:
                await Task.Delay(dice.Next(4));
                break;
            case 4:
                cluster.Reactivate(Vocabulary.Tenants[dice.Next(Vocabulary.Tenants.Length)].Value);
                break;
            case 5:
                await agents[dice.Next(agents.Length)].ReconnectAsync(forget: dice.Next(3) == 0);
                break;
        }
    }

    private static string Text(AgentState state) =>
        string.Join(", ", state.Resources.Values.OrderBy(r => (r.Kind, r.Name)).Select(r => $"{r.Kind}/{r.Name}={r.Digest.ToString()[..6]}({r.Entries.Count})"));
}
