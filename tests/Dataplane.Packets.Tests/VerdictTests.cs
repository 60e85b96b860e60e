using System.Globalization;
using Vallum.Dataplane.Packets.Tests.Router;
using Vallum.Dataplane.Packets.Tests.Worlds;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Enforcement;
using Vallum.NodeAgent.Kernel;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;

namespace Vallum.Dataplane.Packets.Tests;

public sealed class LegacyVerdictTests() : VerdictTests(IptablesFlavour.Legacy);

public sealed class NftVerdictTests() : VerdictTests(IptablesFlavour.Nft);

/// <summary>
/// Random worlds in a kernel, and packets that say what it makes of them. VALLUM_VERDICTS=number asks for more of them than a normal run,
/// VALLUM_SEED=number for the same again.
/// </summary>
public abstract class VerdictTests(IptablesFlavour flavour)
{
    private const int PerWorld = 1000;
    private const int Normally = 22_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_packet_passes_exactly_where_the_definition_lets_its_flow_pass()
    {
        var verdicts = int.Parse(Environment.GetEnvironmentVariable("VALLUM_VERDICTS") ?? "0", CultureInfo.InvariantCulture);
        var dice = Dice.New();
        await using var lab = await RouterLab.CreateAsync(PacketWorlds.Links);
        using var courier = await Courier.StartAsync(lab);
        var (judged, allowed, worlds) = (0, 0, 0);
        while (judged < Math.Max(verdicts, Normally))
        {
            var world = PacketWorlds.Make(dice);
            var options = Options(dice);
            var flows = new NodeFlows(world, invalidToo: !options.DropInvalid);
            var sample = flows.Draw(dice, PerWorld);
            var wrong = (await JudgeAsync(lab, courier, world, options, sample)).ToArray();
            if (wrong.Length > 0)
            {
                var smallest = await ShrinkAsync(lab, courier, world, options, wrong[0]);
                Assert.Fail(
                    $"{Dice.Variable}={dice.Seed}, world {worlds}: {wrong.Length} of {sample.Length} flows, the first: {flows.Explain(wrong[0])}, and the " +
                    $"packet {(flows.Allows(wrong[0]) ? "was lost" : "came through")} under {options} with {WorldText.Of(smallest)}");
            }

            (judged, allowed, worlds) = (judged + sample.Length, allowed + sample.Count(flows.Allows), worlds + 1);
        }

        allowed.ShouldBeInRange(judged / 20, judged * 19 / 20);
        TestContext.Current.TestOutputHelper?.WriteLine($"{flavour}: {judged} verdicts in {worlds} worlds, {allowed} of them allow, seed {dice.Seed}");
    }

    [Fact]
    public async Task A_policy_that_is_not_enforced_is_noticed()
    {
        const int Tries = 40;
        var dice = Dice.New();
        await using var lab = await RouterLab.CreateAsync(PacketWorlds.Links);
        using var courier = await Courier.StartAsync(lab);
        for (var tries = 0; tries < Tries; tries++)
        {
            var world = PacketWorlds.Make(dice);
            var without = world.Policies.Values.Where(p => p.Mode == PolicyMode.Enforced).Aggregate(
                world, (all, policy) => dice.OneIn(3) ? new ClusterChange.RemovePolicy(policy.Id).Apply(all) : all);
            var sample = new NodeFlows(world, invalidToo: false).Draw(dice, PerWorld / 4);
            if ((await JudgeAsync(lab, courier, world, without, new RenderOptions(), sample)).Any())
            {
                return;
            }
        }

        Assert.Fail($"{Dice.Variable}={dice.Seed}: {Tries} times policies were left out, and no packet said so");
    }

    /// <summary>The flows of which packets say something else than the definition.</summary>
    private Task<IEnumerable<Flow>> JudgeAsync(RouterLab lab, Courier courier, ClusterState world, RenderOptions options, Flow[] sample) =>
        JudgeAsync(lab, courier, world, world, options, sample);

    private async Task<IEnumerable<Flow>> JudgeAsync(
        RouterLab lab, Courier courier, ClusterState world, ClusterState enforced, RenderOptions options, Flow[] sample)
    {
        await lab.PlaceAsync(NodeFlows.Locals(world));
        var enforcer = new Enforcer(await lab.KernelAsync(flavour), options);
        await enforcer.ApplyAsync(new ToldNode(PacketWorlds.Node).Take(CompiledCluster.Of(enforced)), Token);
        await lab.ForgetFlowsAsync();
        var arrived = await courier.DeliverAsync(sample);
        var flows = new NodeFlows(world, invalidToo: true);
        return sample.Where(flow => flows.Allows(flow) != arrived.Contains(flow));
    }

    /// <summary>The world without all policies and endpoints that the disagreement can do without.</summary>
    private async Task<ClusterState> ShrinkAsync(RouterLab lab, Courier courier, ClusterState world, RenderOptions options, Flow flow)
    {
        var smaller = world.Policies.Keys.Select(id => (ClusterChange)new ClusterChange.RemovePolicy(id))
            .Concat(world.NetworkSets.Keys.Select(name => new ClusterChange.RemoveNetworkSet(name)))
            .Concat(world.Endpoints.Keys.Select(id => new ClusterChange.RemoveEndpoint(id)));
        foreach (var change in smaller)
        {
            var without = change.Apply(world);
            if (new NodeFlows(without, invalidToo: true).Concerns(flow) && (await JudgeAsync(lab, courier, without, options, [flow])).Any())
            {
                world = without;
            }
        }

        return world;
    }

    private static RenderOptions Options(Dice dice) => new()
    {
        AcceptAllowed = !dice.OneIn(3),
        DropInvalid = !dice.OneIn(3),
        WorkloadInterfaces = dice.OneIn(3) ? [] : ["veth-+"],
        LogGroup = dice.OneIn(4) ? 5 : null,
    };
}
