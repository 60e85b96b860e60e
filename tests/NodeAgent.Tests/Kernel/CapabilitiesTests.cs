using Vallum.NodeAgent.Kernel;

namespace Vallum.NodeAgent.Tests.Kernel;

public sealed class CapabilitiesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task What_the_kernel_can_do_is_found_without_a_trace(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        var sets = space.Sets();
        Capabilities.Indispensable(sets).ShouldBeNull();
        var found = await Capabilities.ProbeAsync(sets, space.Processes, new Toolset(flavour), Token);
        found.Missing.ShouldBeEmpty();
        found.Present.ShouldBe(
        [
            "sets:netlink", "set:hash:net/7", "set:hash:net,port/8", "set:hash:net,iface/8",
            "match:conntrack", "match:multiport", "match:comment", "match:limit", "target:NFLOG", "match:hl",
        ]);
        (await space.RunAsync(new Toolset(flavour).Save(Primitives.IpFamily.V4))).ShouldNotContain("VALLUM");
        (await space.RunAsync(new Toolset(flavour).Save(Primitives.IpFamily.V6))).ShouldNotContain("VALLUM");
    }
}
