using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests;

/// <summary>A rendering is a function of the state: what it was made from makes it cheaper and nothing else.</summary>
public sealed class RenderLaws
{
    [Fact]
    public void A_rendering_that_follows_changes_is_the_one_made_from_nothing() =>
        Gen.Select(NodeStates.History, NodeStates.Options).Sample((history, options) =>
        {
            Rendering.Rendering? followed = null;
            foreach (var state in history)
            {
                followed = Renderer.Render(state, options, followed);
                var fresh = Renderer.Render(state, options);

                followed.Kernel.ToString().ShouldBe(fresh.Kernel.ToString());
                Origins(followed).ShouldBe(Origins(fresh));
                followed.Kernel.Sets.Values.Select(s => (s.Name, s.IsGate)).ShouldBe(fresh.Kernel.Sets.Values.Select(s => (s.Name, s.IsGate)));
            }
        }, iter: 400);

    [Fact]
    public void A_kernel_that_follows_changes_holds_what_is_wanted() =>
        Gen.Select(NodeStates.History, NodeStates.Options).Sample((history, options) =>
        {
            var kernel = new FakeKernel();
            Rendering.Rendering? before = null;
            foreach (var state in history)
            {
                var next = Renderer.Render(state, options, before);
                kernel.Run(Planner.Between(before?.Kernel ?? KernelState.Empty, next.Kernel));
                kernel.Read().ToString().ShouldBe(next.Kernel.ToString());
                before = next;
            }
        }, iter: 150);

    [Fact]
    public void Every_rule_of_a_profile_has_a_place_for_its_origin() =>
        Gen.Select(NodeStates.State, NodeStates.Options).Sample((state, options) =>
        {
            var rendering = Renderer.Render(state, options);
            foreach (var family in (IpFamily[])[IpFamily.V4, IpFamily.V6])
            {
                foreach (var (chain, origins) in rendering.Origins(family))
                {
                    origins.Length.ShouldBe(rendering.Kernel.Rules(family).Chains[chain].Length);
                }
            }
        }, iter: 100);

    private static IEnumerable<string> Origins(Rendering.Rendering rendering) => new[] { IpFamily.V4, IpFamily.V6 }.SelectMany(f => rendering.Origins(f)
        .OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => $"{f} {o.Key}: {string.Join(" | ", o.Value)}"));
}
