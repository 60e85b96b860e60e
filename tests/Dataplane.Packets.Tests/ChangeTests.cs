using System.Globalization;
using Vallum.Dataplane.Packets.Tests.Traffic;
using Vallum.Dataplane.Packets.Tests.Worlds;
using Vallum.NodeAgent.Kernel;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Dataplane.Packets.Tests;

public sealed class LegacyChangeTests() : ChangeTests(IptablesFlavour.Legacy);

public sealed class NftChangeTests() : ChangeTests(IptablesFlavour.Nft);

/// <summary>
/// Packets while everything changes: 20,000 a second of flows that are allowed before and after the change of the moment, and as many of flows that are
/// denied before and after it. VALLUM_PACKETS=number asks for more of them than a normal run, VALLUM_SEED=number for the same changes again.
/// </summary>
public abstract class ChangeTests(IptablesFlavour flavour)
{
    private const long Normally = 500_000;

    // In one go from world to world the changes would only ever add up.
    private const int ChangesPerWorld = 40;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_change_and_no_death_of_an_agent_loses_or_leaks_a_packet()
    {
        var wanted = long.Parse(Environment.GetEnvironmentVariable("VALLUM_PACKETS") ?? "0", CultureInfo.InvariantCulture);
        var dice = Dice.New();
        await using var node = await NodeUnderTest.StartAsync(flavour);
        var (allowed, denied, changes, time) = (0L, 0L, 0, TimeSpan.Zero);
        for (; allowed + denied < Math.Max(wanted, Normally); changes++)
        {
            var before = node.World;
            var next = changes % ChangesPerWorld == 0 ? PacketWorlds.Make(dice) : PacketWorlds.Change(before, dice);
            var what = "";
            var count = await node.WatchAsync(next, dice, async () => what = await ChangeAsync(node, dice));
            if (count.Wrong.Any())
            {
                Assert.Fail(Evidence(dice.Seed, changes, $"{what}, under {node.Options}", count, before, next));
            }

            (allowed, denied, time) = (allowed + count.Allowed, denied + count.Denied, time + count.Time);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{flavour}: {allowed} allowed packets and {denied} denied in {changes} changes that took {time.TotalSeconds:0.0} s, none wrong, seed {dice.Seed}"));
    }

    /// <summary>In words, what happened.</summary>
    private static async Task<string> ChangeAsync(NodeUnderTest node, Dice dice)
    {
        if (dice.OneIn(5))
        {
            var (steps, operations, fromDisk) = (dice.Below(6), dice.Below(12), dice.OneIn(2));
            await node.DieAndApplyAsync(steps, operations, fromDisk, Token);
            return $"the agent died after {steps} steps and {operations} operations and began again {(fromDisk ? "with its disk" : "without one")}";
        }

        await node.ApplyToldAsync(Token);
        if (!dice.OneIn(10))
        {
            return "the agent applied it";
        }

        var options = node.Options with
        {
            AcceptAllowed = dice.OneIn(2),
            LogGroup = dice.OneIn(2) ? 5 : null,
            WorkloadInterfaces = dice.OneIn(2) ? ["veth-+"] : [],
        };
        await node.RestartAsync(options, Token);
        return $"the agent applied it and was started again with {options}";
    }

    private static string Evidence(uint seed, int number, string what, TrafficCount count, ClusterState before, ClusterState next)
    {
        var (old, now) = (new NodeFlows(before, invalidToo: true), new NodeFlows(next, invalidToo: true));
        var flow = count.Wrong.First().Flow;
        return $"{Dice.Variable}={seed}, change {number}, {what}: {count}\nbefore: {old.Explain(flow)}\nafter: {now.Explain(flow)}\nits sides, before and after:" +
            string.Concat(Sides(before, flow).Concat(Sides(next, flow)).Select(e => $"\n  {Short(WorldText.Of(e))}")) +
            $"\nthe change:{string.Concat(StateDifference.Between(before, next).Select(c => $"\n  {Short(WorldText.Of(c))}"))}";
    }

    private static IEnumerable<Endpoint> Sides(ClusterState world, Flow flow) =>
        world.Endpoints.Values.Where(e => e.Addresses.Contains(flow.Source) || e.Addresses.Contains(flow.Destination));

    private static string Short(string text) => text.Length < 400 ? text : text[..400] + " …";
}
