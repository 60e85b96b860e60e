using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.NodeAgent.Tests.Wire;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Tests;

/// <summary>Between a boot and the rules.</summary>
public sealed class FenceTests : IDisposable
{
    private static readonly RenderOptions Patterns = new() { WorkloadInterfaces = ["vw+"] };

    private static readonly Packet Unknown = new(Address.Parse("10.9.0.1"), Address.Parse("10.1.7.99"), IpProtocol.Tcp, 80, Out: "vw9");

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeNode _node = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_a_boot_what_is_known_is_cut_off_before_anything_is_loaded()
    {
        await HoldAsync(WireState.Web("10.9.0.1/32"));
        using var agent = Agent(_directory.Options(), bare: true);
        await agent.StartAsync(Token);

        var fence = _node.Steps.FindIndex(s => s is PlanStep.ChangeRules);
        var members = _node.Steps.FindIndex(s => s is PlanStep.ChangeSets sets && sets.Operations.OfType<SetOperation.Add>().Any(a => a.Set.StartsWith("vallum4-g-", StringComparison.Ordinal)));
        fence.ShouldBeInRange(0, members - 1);
        _node.Steps.Count(s => s is PlanStep.ChangeRules { Family: IpFamily.V4 }).ShouldBe(2);
    }

    [Fact]
    public async Task A_restart_on_a_kernel_that_enforces_changes_nothing_in_it()
    {
        await HoldAsync(WireState.Web("10.9.0.1/32"));
        using (var first = Agent(_directory.Options(), bare: true))
        {
            await first.StartAsync(Token);
        }

        _node.Steps.Clear();
        using var second = Agent(_directory.Options(), bare: false);
        await second.StartAsync(Token);
        _node.Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_that_was_never_told_anything_cuts_nobody_off()
    {
        using var agent = Agent(_directory.Options() with { Render = Patterns }, bare: true);
        await agent.StartAsync(Token);
        _node.Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_closed_fence_stands_until_the_control_plane_has_spoken()
    {
        using var agent = Agent(_directory.Options() with { Render = Patterns, Fence = BootFence.Closed }, bare: true);
        await agent.StartAsync(Token);
        _node.Kernel.Forwards(Unknown).ShouldBeFalse();
        _node.Kernel.Forwards(Unknown with { Out = "eth1" }).ShouldBeTrue();
    }

    [Fact]
    public async Task An_open_fence_is_none()
    {
        await HoldAsync(WireState.Web("10.9.0.1/32"));
        using var agent = Agent(_directory.Options() with { Fence = BootFence.Open }, bare: true);
        await agent.StartAsync(Token);
        _node.Steps.Count(s => s is PlanStep.ChangeRules { Family: IpFamily.V4 }).ShouldBe(1);
    }

    public void Dispose() => _directory.Dispose();

    private Agent Agent(AgentOptions options, bool bare) =>
        new(options, _node, TimeProvider.System, NullLogger.Instance) { KernelIsBare = bare };

    /// <summary>Leaves a state directory behind, as an earlier run on another kernel would.</summary>
    private async Task HoldAsync(WireState state)
    {
        using var before = new Agent(_directory.Options(), new FakeNode(), TimeProvider.System, NullLogger.Instance);
        await before.StartAsync(Token);
        await before.TakeAsync([state.Snapshot(1)], Token);
    }
}
