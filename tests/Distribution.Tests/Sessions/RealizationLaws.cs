using CsCheck;
using Shouldly;
using Vallum.Agents;
using Vallum.Distribution.Tests.Worlds;
using Vallum.Testing.Worlds;
using Xunit;

namespace Vallum.Distribution.Tests.Sessions;

/// <summary>
/// Several silos, agents that go from one to another with and without a word, silos that vanish, owners that start anew, reports that come late and twice:
/// whenever everything of a tenant is said to be realized, every node with an endpoint of it holds that.
/// </summary>
public sealed class RealizationLaws
{
    private const int Silos = 3;

    // More at leisure: VALLUM_RUNS=1000.
    private static readonly int Runs = int.TryParse(Environment.GetEnvironmentVariable("VALLUM_RUNS"), out var runs) ? runs : 12;

    private static readonly Gen<(History History, int Seed)> Histories =
        Gen.Select(WorldGens.Histories(25), Gen.Int[0, 1_000_000]).Where(run => !run.Item1.Start.Endpoints.IsEmpty && run.Item1.Changes.Length > 5);

    [Fact]
    public async Task Realized_is_said_only_while_every_node_of_the_span_has_it() =>
        await Histories.SampleAsync(async run => (await PlayAsync(run.History, run.Seed, believes: false)).ShouldBeEmpty(), iter: Runs, threads: 2);

    [Fact]
    public async Task An_owner_that_believes_in_nodes_of_which_nobody_says_anything_is_caught()
    {
        List<string> lies = [];
        await Histories.SampleAsync(
            async run =>
            {
                if (lies.Count == 0)
                {
                    lies.AddRange(await PlayAsync(run.History, run.Seed, believes: true));
                }
            },
            iter: 8,
            threads: 1);

        lies.ShouldNotBeEmpty();
    }

    private static async Task<IReadOnlyCollection<string>> PlayAsync(History history, int seed, bool believes)
    {
        var dice = new Random(seed);
        var cluster = new FakeCluster();
        cluster.Apply(history.Start.AsChanges());
        var nodes = Vocabulary.Nodes.Select(n => new RovingNode(n.Value)).ToArray();
        RovingNode? Find(string node) => nodes.SingleOrDefault(n => n.Node == node);
        var watch = new RealizationWatch(
            cluster,
            node => Find(node)?.Agent.State ?? AgentState.Empty,
            (node, tenant) => Find(node) is { At: not null } found && !found.Known.ContainsKey(tenant),
            believes)
        {
            Heard = (tenant, report) => Array.ForEach(nodes, node => node.Heard(tenant, report)),
        };
        cluster.Reported = watch.Take;
        var silos = new List<FakeSilo>();
        for (var started = 0; started < Silos; started++)
        {
            silos.Add(await StartAsync(cluster, started));
        }

        foreach (var node in nodes)
        {
            await node.GoAsync(silos[dice.Next(Silos)], unnoticed: false);
        }

        foreach (var (i, change) in history.Changes.Index())
        {
            cluster.Apply([change], dice.Next(3) != 0);
            await DisturbAsync(cluster, silos, nodes, watch, dice, Silos + i);
            Array.ForEach([.. Vocabulary.Tenants], tenant => watch.IsRealized(tenant.Value));
        }

        foreach (var node in nodes.Where(n => n.At is null))
        {
            await node.GoAsync(silos[dice.Next(silos.Count)], unnoticed: false);
        }

        cluster.CatchAll();
        foreach (var tenant in Vocabulary.Tenants.Where(_ => !believes))
        {
            await Eventually.BecomesTrue(
                () => watch.IsRealized(tenant.Value),
                () => $"{tenant} is not realized: {watch.Lagging(tenant.Value)}",
                async () => await Task.WhenAll(nodes.Select(n => n.MendAsync())));
        }

        if (!believes)
        {
            watch.Said.ShouldBeGreaterThan(0);
        }

        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }

        return watch.Lies;
    }

    private static async Task DisturbAsync(FakeCluster cluster, List<FakeSilo> silos, RovingNode[] nodes, RealizationWatch watch, Random dice, int next)
    {
        switch (dice.Next(12))
        {
            case 0:
                cluster.Catch(Vocabulary.Tenants[dice.Next(Vocabulary.Tenants.Length)].Value);
                break;
            case 1 or 2:
                await Task.Delay(dice.Next(10));
                break;
            case 3:
                watch.Reactivate(Vocabulary.Tenants[dice.Next(Vocabulary.Tenants.Length)].Value);
                break;
            case 4 or 5:
                await nodes[dice.Next(nodes.Length)].GoAsync(silos[dice.Next(silos.Count)], unnoticed: dice.Next(2) == 0);
                break;
            case 6:
                await nodes[dice.Next(nodes.Length)].LeaveAsync(unnoticed: dice.Next(2) == 0);
                break;
            case 7 or 8:
                watch.Repeat(dice);
                break;
            case 9 when dice.Next(2) == 0:
                var gone = silos[dice.Next(silos.Count)];
                silos.Remove(gone);
                var homeless = nodes.Where(n => n.At == gone).ToList();
                await gone.KillAsync();
                silos.Add(await StartAsync(cluster, next));
                foreach (var node in homeless)
                {
                    await node.GoAsync(silos[dice.Next(silos.Count)], unnoticed: false);
                }

                break;
            default:
                break;
        }

        foreach (var node in nodes.Where(n => n.At is null && dice.Next(3) == 0))
        {
            await node.GoAsync(silos[dice.Next(silos.Count)], unnoticed: false);
        }
    }

    private static Task<FakeSilo> StartAsync(FakeCluster cluster, int number)
    {
        var options = FakeSilo.Quick();
        options.KeepAlive = TimeSpan.FromMilliseconds(100);
        return FakeSilo.StartAsync(cluster, options, $"silo{number}");
    }
}
