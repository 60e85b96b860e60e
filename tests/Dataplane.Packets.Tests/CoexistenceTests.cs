using System.Diagnostics;
using System.Globalization;
using Vallum.Dataplane.Packets.Tests.Router;
using Vallum.Dataplane.Packets.Tests.Traffic;
using Vallum.Dataplane.Packets.Tests.Worlds;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Dataplane.Packets.Tests;

public sealed class LegacyCoexistenceTests() : CoexistenceTests(IptablesFlavour.Legacy);

public sealed class NftCoexistenceTests() : CoexistenceTests(IptablesFlavour.Nft);

/// <summary>A node that is not ours alone.</summary>
public abstract class CoexistenceTests(IptablesFlavour flavour)
{
    private const int Changes = 6;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Beside_one_who_rewrites_20000_rules_all_the_time_changes_come_through_and_nobody_touches_the_other()
    {
        var dice = Dice.New();
        await using var node = await NodeUnderTest.StartAsync(flavour);
        var neighbours = new Neighbours(node.Lab.Space, flavour);
        await neighbours.MoveInAsync();
        await neighbours.RewriteNatAsync(variant: 1);
        var theirs = await neighbours.DumpAsync();
        await node.ApplyAsync(PacketWorlds.Make(dice), Token);

        using var enough = new CancellationTokenSource();
        var rewriting = RewriteAsync(neighbours, enough.Token);
        var (packets, slowest) = (0L, TimeSpan.Zero);
        try
        {
            for (var change = 0; change < Changes; change++)
            {
                var next = PacketWorlds.Change(node.World, dice);
                var start = Stopwatch.GetTimestamp();
                var count = await node.WatchAsync(next, dice, () => node.ApplyToldAsync(Token));
                var time = Stopwatch.GetElapsedTime(start);
                slowest = time > slowest ? time : slowest;
                count.Wrong.ShouldBeEmpty($"{Dice.Variable}={dice.Seed}, change {change}: {count}");
                (await node.Enforcer.RepairAsync(everyMember: false, Token)).ShouldBeEmpty();
                packets += count.Packets;
            }
        }
        finally
        {
            await enough.CancelAsync();
        }

        var rewrites = await rewriting;
        await neighbours.RewriteNatAsync(variant: 1);
        (await neighbours.DumpAsync()).ShouldBe(theirs);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{flavour}: {Changes} changes beside {rewrites} rewrites, the slowest in {slowest.TotalMilliseconds:0} ms, {packets} packets, seed {dice.Seed}"));
    }

    private static async Task<int> RewriteAsync(Neighbours neighbours, CancellationToken enough)
    {
        for (var times = 0; ; times++)
        {
            if (enough.IsCancellationRequested)
            {
                return times;
            }

            await neighbours.RewriteNatAsync(variant: 2 + (times % 50));
        }
    }
}
