using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;
using Vallum.NodeAgent.Tests.Wire;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Tests.Kernel;

/// <summary>A change of rules is done when the tool says so; its end comes later. The tool is a shell script here.</summary>
public sealed class CommitTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Signal => Path.Combine(_directory.Path, "end");

    [Fact]
    public async Task Sets_wait_for_the_end_of_a_tool_that_has_committed_already()
    {
        var rules = Rules(IptablesFlavour.Nft, $"cat > /dev/null; echo '# committed'; until [ -e {Signal} ]; do sleep 0.01; done");
        await rules.ChangeAsync(IpFamily.V4, "*filter\nCOMMIT\n", Token);
        var settled = rules.SettleAsync();
        settled.IsCompleted.ShouldBeFalse();
        await File.WriteAllTextAsync(Signal, "", Token);
        await settled;
        rules.SettleAsync().IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_legacy_commit_leaves_no_packet_in_the_old_rules_and_nothing_to_wait_for()
    {
        var rules = Rules(IptablesFlavour.Legacy, $"cat > /dev/null; echo '# committed'; until [ -e {Signal} ]; do sleep 0.01; done");
        await rules.ChangeAsync(IpFamily.V4, "*filter\nCOMMIT\n", Token);
        rules.SettleAsync().IsCompleted.ShouldBeTrue();
        await File.WriteAllTextAsync(Signal, "", Token);
    }

    [Fact]
    public async Task A_tool_that_never_says_so_has_committed_when_it_ends_well() =>
        await Rules(IptablesFlavour.Nft, "cat > /dev/null").ChangeAsync(IpFamily.V4, "*filter\nCOMMIT\n", Token);

    [Fact]
    public async Task A_tool_that_refuses_fails_with_its_words()
    {
        var rules = Rules(IptablesFlavour.Nft, "cat > /dev/null; echo 'line 3 failed' >&2; exit 2");
        var failure = await Should.ThrowAsync<CommandFailedException>(() => rules.ChangeAsync(IpFamily.V4, "*filter\nCOMMIT\n", Token));
        failure.Message.ShouldContain("line 3 failed");
        await rules.SettleAsync();
    }

    [Fact]
    public async Task What_is_cancelled_after_the_commit_goes_on_to_its_end()
    {
        var rules = Rules(IptablesFlavour.Nft, $"cat > /dev/null; echo '# committed'; until [ -e {Signal} ]; do sleep 0.01; done");
        using var stop = new CancellationTokenSource();
        await rules.ChangeAsync(IpFamily.V4, "*filter\nCOMMIT\n", stop.Token);
        await stop.CancelAsync();
        var settled = rules.SettleAsync();
        await File.WriteAllTextAsync(Signal, "", Token);
        await settled;
    }

    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task The_kernel_has_the_rules_when_the_tool_says_so_and_not_when_it_refuses(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        var rules = new ToolRules(space.Processes, new Toolset(flavour));
        await rules.ChangeAsync(IpFamily.V4, "*filter\n:VALLUM-A - [0:0]\n-A VALLUM-A -j DROP\nCOMMIT\n", Token);
        (await rules.ReadAsync(IpFamily.V4, Token)).Chains["VALLUM-A"].ShouldBe(["-j DROP"]);

        // A ring is found at the COMMIT only.
        const string Ring = "*filter\n:VALLUM-A - [0:0]\n:VALLUM-B - [0:0]\n-A VALLUM-A -j VALLUM-B\n-A VALLUM-B -j VALLUM-A\n-I FORWARD -j VALLUM-A\nCOMMIT\n";
        await Should.ThrowAsync<CommandFailedException>(() => rules.ChangeAsync(IpFamily.V4, Ring, Token));
        (await rules.ReadAsync(IpFamily.V4, Token)).Chains["VALLUM-A"].ShouldBe(["-j DROP"]);
    }

    public void Dispose() => _directory.Dispose();

    private static ToolRules Rules(IptablesFlavour flavour, string script) =>
        new(new ProcessRunner(TimeSpan.FromMinutes(1), "sh", "-c", script), new Toolset(flavour));
}
