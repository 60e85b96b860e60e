using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Commands;
using Vallum.NodeAgent.Enforcement;
using Vallum.NodeAgent.Kernel;

namespace Vallum.NodeAgent.Tests.Kernel;

public sealed class FlavourSwitchTests
{
    private static readonly RenderOptions Options = new() { WorkloadInterfaces = ["vw+"] };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IptablesFlavour.Legacy, IptablesFlavour.Nft)]
    [InlineData(IptablesFlavour.Nft, IptablesFlavour.Legacy)]
    public async Task Another_flavour_takes_over_and_then_the_old_rules_go(IptablesFlavour before, IptablesFlavour after)
    {
        using var space = NetworkNamespace.Create();
        await new Enforcer(space.Kernel(before), Options).ApplyAsync(NodeState.Empty, Token);
        (await OursAsync(space)).ShouldBe([before]);
        Backend.Choose(await Backend.SurveyAsync(space.Processes, Token)).Flavour.ShouldBe(before);

        await new Enforcer(space.Kernel(after), Options).ApplyAsync(NodeState.Empty, Token);
        (await OursAsync(space)).ShouldBe([before, after], ignoreOrder: true);

        await new OtherFlavour(space.Processes, new Toolset(after), [new Toolset(before)], NullLogger.Instance).RemoveAsync(Token);
        (await OursAsync(space)).ShouldBe([after]);
        (await space.RunAsync("ipset", "list", "-name")).ShouldContain("vallum4-gate");

        (await CleanupCommand.RunAsync(space.Processes, null, Token)).ShouldBe(0);
        (await OursAsync(space)).ShouldBeEmpty();
        (await space.RunAsync("ipset", "list", "-name")).ShouldBeEmpty();
    }

    private static async Task<IEnumerable<IptablesFlavour>> OursAsync(NetworkNamespace space) =>
        (await Backend.SurveyAsync(space.Processes, Token)).Where(f => f.HasOurs).Select(f => f.Tools.Flavour);
}
