using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Upgrades;

/// <summary>
/// An agent that is replaced by a newer one finds the older one's layout in the kernel, as recorded here. The new layout is loaded beside it and takes
/// over in one commit: no packet's verdict changes at any step, and nothing of the old one stays.
/// </summary>
public sealed class LayoutChangeTests
{
    [Theory]
    [InlineData("layout-1")]
    [InlineData("layout-2")]
    public void An_older_layout_is_taken_over_without_a_changed_verdict(string recorded)
    {
        var kernel = Recorded(recorded);
        var before = Verdicts(kernel);
        before.ShouldContain(true);
        before.ShouldContain(false);
        var wanted = Renderer.Render(UpgradedNode.State, UpgradedNode.Options).Kernel;
        foreach (var step in Planner.Between(kernel.Read(), wanted).Steps)
        {
            kernel.Run(step);
            Verdicts(kernel).ShouldBe(before, $"after {step}");
        }

        kernel.Read().ToString().ShouldBe(wanted.ToString());
    }

    [Theory]
    [InlineData("layout-1")]
    public void Older_jumps_from_the_built_in_chains_are_replaced_in_the_commit_that_takes_over(string recorded)
    {
        var there = Recorded(recorded).Read();
        var wanted = Renderer.Render(UpgradedNode.State, UpgradedNode.Options).Kernel;
        foreach (var commit in Planner.Between(there, wanted).Steps.OfType<PlanStep.ChangeRules>().GroupBy(c => c.Family).Select(c => c.First()))
        {
            foreach (var (before, after) in there.Rules(commit.Family).Hooks.Zip(wanted.Rules(commit.Family).Hooks))
            {
                commit.Text.ShouldContain($"-D {before.BuiltIn} {before.Rule}\n-I {after.BuiltIn} 1 {after.Rule}\n");
            }
        }
    }

    private static List<bool> Verdicts(FakeKernel kernel) => [.. UpgradedNode.Packets.Select(kernel.Forwards)];

    private static FakeKernel Recorded(string name)
    {
        var kernel = new FakeKernel();
        kernel.RestoreSets(Text(name, "sets"));
        kernel.RestoreRules(IpFamily.V4, Text(name, "v4"));
        kernel.RestoreRules(IpFamily.V6, Text(name, "v6"));
        return kernel;
    }

    private static string Text(string name, string extension) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Upgrades", $"{name}.{extension}"));
}
