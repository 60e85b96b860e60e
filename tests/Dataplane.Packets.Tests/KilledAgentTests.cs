using System.Diagnostics;
using System.Globalization;
using Vallum.Dataplane.Packets.Tests.Agents;
using Vallum.Dataplane.Packets.Tests.Traffic;
using Vallum.Dataplane.Packets.Tests.Worlds;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Dataplane.Packets.Tests;

public sealed class LegacyKilledAgentTests() : KilledAgentTests(IptablesFlavour.Legacy);

public sealed class NftKilledAgentTests() : KilledAgentTests(IptablesFlavour.Nft);

/// <summary>
/// The agent itself, as a process. It finds a kernel that holds one world and a disk that holds another, and is killed on the way; the next one finds
/// whatever that left. VALLUM_KILLS=number asks for more of them than a normal run.
/// </summary>
public abstract class KilledAgentTests(IptablesFlavour flavour)
{
    private const int Normally = 3;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_kill_9_at_any_moment_the_next_agent_repairs_and_no_packet_is_wrong()
    {
        var kills = Math.Max(Normally, int.Parse(Environment.GetEnvironmentVariable("VALLUM_KILLS") ?? "0", CultureInfo.InvariantCulture));
        var dice = Dice.New();
        await using var node = await NodeUnderTest.StartAsync(flavour);
        var disks = Directory.CreateTempSubdirectory("vallum-killed-");
        try
        {
            await node.ApplyAsync(PacketWorlds.Make(dice), Token);
            var (packets, starts) = (0L, 0);
            var whole = await TimeAsync(node, Disk());
            for (var kill = 0; kill < kills; kill++)
            {
                // It dies some time between its first step and the end, which is the last part of its start.
                var moment = whole * (0.4 + (dice.Below(70) / 100.0));
                var (next, fromNext) = (PacketWorlds.Repoliced(node.World, dice), dice.OneIn(2));
                var old = Disk();
                var because =
                    $"{Dice.Variable}={dice.Seed}, kill {kill} after {moment.TotalMilliseconds:0} ms, then from {(fromNext ? "the same" : "the old")} disk";
                var said = "";
                var count = await node.WatchAsync(next, dice, async () =>
                {
                    var disk = Disk();
                    await using (var killed = AgentProcess.Start(node.Lab.Space, disk, PacketWorlds.Node.Value, flavour))
                    {
                        await Task.Delay(moment, Token);
                        said = killed.Said();
                    }

                    if (!fromNext)
                    {
                        await TimeAsync(node, old);
                    }

                    whole = await TimeAsync(node, disk);
                });
                count.Wrong.ShouldBeEmpty($"{because}: {count}\nThe killed one had said: {said}");
                Differences.Between(await node.Kernel.ReadAsync(Token), Renderer.Render(node.Told, node.Options).Kernel).ShouldBeEmpty(because);
                packets += count.Packets;
            }

            packets.ShouldBeGreaterThan(0);
            TestContext.Current.TestOutputHelper?.WriteLine($"{flavour}: {kills} kills, {packets} packets, 0 lost, 0 leaked, seed {dice.Seed}");

            string Disk()
            {
                var path = Path.Combine(disks.FullName, string.Create(CultureInfo.InvariantCulture, $"{++starts}"));
                AgentProcess.Write(path, node.Told, PacketWorlds.Node.Value);
                return path;
            }
        }
        finally
        {
            disks.Delete(recursive: true);
        }
    }

    /// <summary>How long an agent takes from nothing to all that the disk holds.</summary>
    private async Task<TimeSpan> TimeAsync(NodeUnderTest node, string disk)
    {
        var start = Stopwatch.GetTimestamp();
        await using var agent = AgentProcess.Start(node.Lab.Space, disk, PacketWorlds.Node.Value, flavour);
        await agent.EnforcedAsync();
        return Stopwatch.GetElapsedTime(start);
    }
}
