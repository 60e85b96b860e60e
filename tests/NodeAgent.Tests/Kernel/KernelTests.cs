using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.NodeAgent.Commands;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Tests.Wire;

namespace Vallum.NodeAgent.Tests.Kernel;

/// <summary>The real kernel, in a namespace, judges the texts.</summary>
public sealed class KernelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task The_kernel_takes_every_text_and_reads_back_as_it_was_written(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        var kernel = space.Kernel(flavour);
        var there = KernelState.Empty;
        Rendering? before = null;
        await Gen.Select(NodeStates.State, NodeStates.Options).SampleAsync(
            async (state, options) =>
            {
                before = Renderer.Render(state, options, before);
                var plan = Planner.Between(there, before.Kernel);
                there = before.Kernel;
                foreach (var step in plan.Steps)
                {
                    await kernel.RunAsync(step, Token);
                }

                Differences.Between(await kernel.ReadAsync(Token), there).ShouldBeEmpty();
            },
            iter: 25,
            threads: 1);
    }

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task The_kernel_takes_detours_and_sets_that_are_exchanged_under_its_rules(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        var kernel = space.Kernel(flavour);
        var there = KernelState.Empty;
        var exchanges = 0;
        await Gen.Select(Neighbours.Pair, Gen.Int[64, 66]).SampleAsync(
            async (pair, members) =>
            {
                foreach (var state in new[] { pair.From, pair.To })
                {
                    var wanted = Renderer.Render(state, RenderOptions.Default).Kernel;
                    wanted = wanted with { Sets = wanted.Sets.SetItems(wanted.Sets.Select(s => KeyValuePair.Create(s.Key, s.Value with { MaxMembers = members }))) };
                    var plan = Planner.Between(there, wanted);
                    exchanges += plan.Steps.OfType<PlanStep.ChangeSets>().SelectMany(s => s.Operations).OfType<SetOperation.Swap>().Count();
                    there = wanted;
                    foreach (var step in plan.Steps)
                    {
                        await kernel.RunAsync(step, Token);
                    }

                    Differences.Between(await kernel.ReadAsync(Token), there).ShouldBeEmpty();
                }
            },
            iter: 15,
            threads: 1);
        exchanges.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task A_restarted_agent_repairs_what_was_changed_meanwhile(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        using var directory = new TemporaryDirectory();
        var kernel = space.Kernel(flavour);
        var options = directory.Options(new Uri("http://127.0.0.1:1"));
        using (var agent = new Agent(options, kernel, TimeProvider.System, NullLogger.Instance))
        {
            await agent.StartAsync(Token);
            await agent.TakeAsync([WireState.Web("10.9.0.0/16").Snapshot(1)], Token);
        }

        var wanted = (await kernel.ReadAsync(Token)).ToString();
        var tool = new Toolset(flavour).Restore(Primitives.IpFamily.V4).Replace("-restore", "", StringComparison.Ordinal);
        var set = (await kernel.ReadAsync(Token)).Sets.Keys.First(s => s.StartsWith("vallum4-g-", StringComparison.Ordinal));
        await space.RunAsync(tool, "-F", KernelNames.Forward);
        await space.RunAsync(tool, "-I", "FORWARD", "1", "-j", "ACCEPT");
        await space.RunAsync(tool, "-D", "INPUT", "1");
        await space.RunAsync("ipset", "flush", set);

        using var again = new Agent(options, kernel, TimeProvider.System, NullLogger.Instance);
        await again.StartAsync(Token);
        (await kernel.ReadAsync(Token)).ToString().ShouldBe(wanted);
    }

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task A_check_puts_back_what_somebody_changed_and_counts_it(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        using var directory = new TemporaryDirectory();
        var kernel = space.Kernel(flavour);
        using var agent = new Agent(directory.Options(new Uri("http://127.0.0.1:1")), kernel, TimeProvider.System, NullLogger.Instance);
        await agent.StartAsync(Token);
        await agent.TakeAsync([WireState.Web("10.9.0.0/16").Snapshot(1)], Token);
        var wanted = (await kernel.ReadAsync(Token)).ToString();
        await agent.CheckAsync(Token);
        agent.Status.DriftRepairs.ShouldBe(0u);

        var tool = new Toolset(flavour).Restore(Primitives.IpFamily.V6).Replace("-restore", "", StringComparison.Ordinal);
        await space.RunAsync(tool, "-A", KernelNames.Deny, "-j", "ACCEPT");
        await space.RunAsync("ipset", "create", "vallum4-mine", "hash:ip");
        await agent.CheckAsync(Token);
        agent.Status.DriftRepairs.ShouldBe(2u);
        (await kernel.ReadAsync(Token)).ToString().ShouldBe(wanted);
    }

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task Cleanup_takes_ours_and_leaves_what_only_looks_like_it(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        using var directory = new TemporaryDirectory();
        var tools = new Toolset(flavour);
        await space.FeedAsync("create vallum hash:ip\ncreate vallum4 hash:ip\nadd vallum 10.0.0.1\n", "ipset", "restore");
        const string Foreign = "*filter\n:VALLUMX - [0:0]\n:vallum-FORWARD - [0:0]\n:NOT-VALLUM-FORWARD - [0:0]\n-A FORWARD -j VALLUMX\n" +
            "-A VALLUMX -m set --match-set vallum src -j vallum-FORWARD\n-A INPUT -s 10.0.0.3/32 -j DROP\nCOMMIT\n";
        await space.FeedAsync(Foreign, tools.Restore(Primitives.IpFamily.V4), "--noflush");
        var before = await DumpAsync(space, tools);
        using (var agent = new Agent(directory.Options(new Uri("http://127.0.0.1:1")), space.Kernel(flavour), TimeProvider.System, NullLogger.Instance))
        {
            await agent.StartAsync(Token);
            await agent.TakeAsync([WireState.Web("10.9.0.0/16").Snapshot(1)], Token);
        }

        (await DumpAsync(space, tools)).ShouldNotBe(before);
        (await CleanupCommand.RunAsync(space.Processes, flavour, Token)).ShouldBe(ExitCode.Ok);
        (await DumpAsync(space, tools)).ShouldBe(before);
    }

    [Fact]
    public async Task A_refusal_of_a_tool_comes_with_its_words()
    {
        using var space = NetworkNamespace.Create();
        var step = new PlanStep.ChangeRules(Primitives.IpFamily.V4, "*filter\n-A FORWARD -m set --match-set vallum4-nope src -j DROP\nCOMMIT\n");
        var failure = await Should.ThrowAsync<Processes.CommandFailedException>(() => space.Kernel(IptablesFlavour.Nft).RunAsync(step, Token));
        failure.Message.ShouldContain("Set vallum4-nope doesn't exist");
        failure.Message.ShouldStartWith("`iptables-nft-restore --noflush --verbose -w 30` ended with 2");
    }

    private static async Task<string> DumpAsync(NetworkNamespace space, Toolset tools)
    {
        var v4 = await space.RunAsync(tools.Save(Primitives.IpFamily.V4), "-t", "filter");
        var v6 = await space.RunAsync(tools.Save(Primitives.IpFamily.V6), "-t", "filter");
        var sets = await space.RunAsync("ipset", "save");
        return string.Join('\n', $"{sets}\n{v4}\n{v6}".Split('\n').Where(l => !l.StartsWith('#')));
    }
}
