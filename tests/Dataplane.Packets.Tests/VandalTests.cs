using System.Globalization;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Packets.Tests.Router;
using Vallum.Dataplane.Packets.Tests.Traffic;
using Vallum.Dataplane.Packets.Tests.Worlds;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.Dataplane.Packets.Tests;

public sealed class LegacyVandalTests() : VandalTests(IptablesFlavour.Legacy);

public sealed class NftVandalTests() : VandalTests(IptablesFlavour.Nft);

/// <summary>Somebody spoils what is ours, and the agent's check finds it.</summary>
public abstract class VandalTests(IptablesFlavour flavour)
{
    private const int Rounds = 16;
    private const int Asked = 400;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repair_harms_no_flow_that_was_right_and_makes_all_others_right()
    {
        var dice = Dice.New();
        await using var node = await NodeUnderTest.StartAsync(flavour);
        using var courier = await Courier.StartAsync(node.Lab);
        await new Neighbours(node.Lab.Space, flavour).MoveInAsync();
        var (packets, spoiled) = (0L, 0);
        for (var round = 0; round < Rounds; round++)
        {
            if (round % 4 == 0)
            {
                await node.ApplyAsync(PacketWorlds.Make(dice), Token);
            }

            var vandal = new Vandal(node.Lab.Space, flavour, dice);
            var what = await vandal.SpoilAsync(await node.Kernel.ReadAsync(Token), round);
            var because = $"{Dice.Variable}={dice.Seed}, round {round}, {what}";

            // What it is now, packets say. Flows that are right all the same must stay so.
            var flows = new NodeFlows(node.World, invalidToo: false);
            var sample = flows.Draw(dice, Asked);
            await node.Lab.ForgetFlowsAsync();
            var arrived = await courier.DeliverAsync(sample);
            spoiled += sample.Count(f => flows.Allows(f) != arrived.Contains(f));
            var count = await node.WatchAsync(
                sample.Where(f => flows.Allows(f) && arrived.Contains(f)),
                sample.Where(f => !flows.Allows(f) && !arrived.Contains(f)),
                async () => (await node.Enforcer.RepairAsync(everyMember: true, Token)).ShouldNotBeEmpty(because));
            count.Wrong.ShouldBeEmpty($"{because}: {count}");
            packets += count.Packets;

            Differences.Between(await node.Kernel.ReadAsync(Token), node.Enforcer.Wanted).ShouldBeEmpty(because);
            await node.Lab.ForgetFlowsAsync();
            arrived = await courier.DeliverAsync(sample);
            sample.Where(f => flows.Allows(f) != arrived.Contains(f)).ShouldBeEmpty(because);
        }

        spoiled.ShouldBeGreaterThan(0, "the vandal is seen in packets");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{flavour}: {Rounds} repairs, {spoiled} verdicts wrong before them, none after, {packets} packets meanwhile, seed {dice.Seed}"));
    }
}

/// <summary>Breaks one thing of ours at a time.</summary>
internal sealed class Vandal(string space, IptablesFlavour flavour, Dice dice)
{
    private const int Deeds = 8;

    /// <summary>In words, what was done. A deed that finds nothing to spoil becomes the next one.</summary>
    public async Task<string> SpoilAsync(KernelState there, int deed)
    {
        var family = dice.OneIn(2) ? IpFamily.V4 : IpFamily.V6;
        var table = there.Rules(family);
        var judging = table.Chains.Where(c => c.Key.StartsWith("VALLUM-P", StringComparison.Ordinal) && !c.Value.IsEmpty).Select(c => c.Key).ToArray();
        var chain = judging.Length == 0 || dice.OneIn(3) ? dice.Of([.. table.Chains.Where(c => !c.Value.IsEmpty).Select(c => c.Key)]) : dice.Of(judging);
        var full = there.Sets.Values.Where(s => s.Members.Count > 0 && s.Family == family).ToArray();
        var hook = table.Hooks.First(h => h.BuiltIn == "FORWARD").Rule;
        switch (deed % Deeds)
        {
            case 0:
                await RulesAsync($"-D {chain} {1 + dice.Below(table.Chains[chain].Length)}");
                return $"{family}: a rule of {chain} was deleted";
            case 1:
                await RulesAsync($"-D FORWARD {hook}\n-A FORWARD {hook}");
                return $"{family}: the jump from FORWARD was moved down";
            case 2 when full.Length > 0:
                var flushed = dice.Of(full).Name;
                await Tool.InAsync(space, "ipset", "flush", flushed);
                return $"{flushed} was flushed";
            case 3 when full.Length > 0:
                var robbed = dice.Of(full);
                var member = robbed.Members.First() with { NoMatch = false };
                await Tool.InAsync(space, "ipset", "del", robbed.Name, member.ToString());
                return $"{robbed.Name} lost {member}";
            case 4:
                await RulesAsync($"-I {chain} 1 {(family == IpFamily.V4 ? "-p icmp" : "-p ipv6-icmp")} -j ACCEPT");
                return $"{family}: a rule of somebody's came first in {chain}";
            case 5:
                await RulesAsync($"-A {chain} -j ACCEPT");
                return $"{family}: a rule of somebody's came last in {chain}";
            case 6:
                await RulesAsync($"-F {chain}");
                return $"{family}: {chain} was flushed";
            default:
                await RulesAsync($"-D FORWARD {hook}");
                return $"{family}: the jump from FORWARD was deleted";
        }

        Task RulesAsync(string lines) =>
            Tool.FeedAsync(space, $"*filter\n{lines}\nCOMMIT\n", new Toolset(flavour).Restore(family), "--noflush", "-w", "30");
    }
}
