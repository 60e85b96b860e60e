using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Enforcement;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;

namespace Vallum.NodeAgent.Tests.Kernel;

public sealed class PrivilegeTests
{
    private static readonly RenderOptions Options = new() { WorkloadInterfaces = ["vw+"], LogGroup = 9 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task The_two_capabilities_of_the_systemd_unit_are_enough(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        var enforcer = new Enforcer(Kernel(space.ProcessesWith("net_admin", "net_raw"), flavour), Options);
        await enforcer.ApplyAsync(NodeState.Empty, Token);
        (await enforcer.RepairAsync(everyMember: true, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_them_the_failure_names_the_tool_and_what_it_said()
    {
        using var space = NetworkNamespace.Create();
        var enforcer = new Enforcer(Kernel(space.ProcessesWith("net_raw"), IptablesFlavour.Nft), Options);
        (await Should.ThrowAsync<CommandFailedException>(() => enforcer.ApplyAsync(NodeState.Empty, Token))).Message.ShouldContain("Operation not permitted");
    }

    private static NodeKernel Kernel(ProcessRunner processes, IptablesFlavour flavour) =>
        new(new ToolSets(processes), new ToolRules(processes, new Toolset(flavour)));
}
