using System.Collections.Immutable;
using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests;

/// <summary>Where we are matters, not how we came.</summary>
public sealed class PlanLaws
{
    [Fact]
    public void A_kernel_holds_what_was_planned_and_then_nothing_is_left_to_do() =>
        Gen.Select(NodeStates.State, NodeStates.Options).Sample((state, options) =>
        {
            var wanted = Renderer.Render(state, options).Kernel;
            var kernel = new FakeKernel();
            kernel.Run(Planner.Between(KernelState.Empty, wanted));

            kernel.Read().ToString().ShouldBe(wanted.ToString());
            Planner.Between(kernel.Read(), wanted).IsEmpty.ShouldBeTrue();
        }, iter: 300);

    [Fact]
    public void Any_state_moves_to_any_other_and_the_way_leaves_no_trace() =>
        Gen.Select(NodeStates.State, NodeStates.State, NodeStates.Options, NodeStates.Options).Sample((a, b, optionsA, optionsB) =>
        {
            var first = Renderer.Render(a, optionsA);
            var second = Renderer.Render(b, optionsB, first);
            var kernel = new FakeKernel();
            kernel.Run(Planner.Between(KernelState.Empty, first.Kernel));
            kernel.Run(Planner.Between(first.Kernel, second.Kernel));

            kernel.Read().ToString().ShouldBe(Renderer.Render(b, optionsB).Kernel.ToString());
        }, iter: 300);

    [Fact]
    public void A_member_that_comes_or_goes_touches_no_rule() =>
        Gen.Select(NodeStates.State, NodeStates.Options, Gen.Int[0, 4], Gen.Bool).Sample((a, drawn, pick, comes) =>
        {
            // Merged runs hold a group's member in several sets, and a Deny between two of them may need its change beside the rules.
            var options = drawn with { UnmergedConditions = int.MaxValue };
            var group = a.Groups[$"g{pick}"];
            ImmutableArray<SetMember> member = [new SetMember(Cidr.Parse("10.77.0.1/32"))];
            var groups = a.Groups.SetItem($"g{pick}", comes ? group.With(member, []) : group.With([], group.V4.Where(m => m.Net.Length > 0).Take(1)));
            var first = Renderer.Render(a, options);
            var second = Renderer.Render(a with { Groups = groups }, options, first);
            var plan = Planner.Between(first.Kernel, second.Kernel);
            plan.Steps.ShouldAllBe(s => s is PlanStep.ChangeSets);
            plan.Steps.Length.ShouldBeLessThanOrEqualTo(1);

            var kernel = new FakeKernel();
            kernel.Run(Planner.Between(KernelState.Empty, first.Kernel));
            kernel.Run(plan);
            kernel.Read().ToString().ShouldBe(Renderer.Render(a with { Groups = groups }, options).Kernel.ToString());
        }, iter: 200);

    [Fact]
    public void Whatever_is_found_becomes_what_is_wanted() =>
        Gen.Select(NodeStates.State, NodeStates.State, NodeStates.Options).Sample((found, wanted, options) =>
        {
            var kernel = new FakeKernel();
            kernel.Run(Planner.Between(KernelState.Empty, Renderer.Render(found, options).Kernel));
            var target = Renderer.Render(wanted, options).Kernel;
            kernel.Run(Planner.Between(kernel.Read(), target));

            kernel.Read().ToString().ShouldBe(target.ToString());
        }, iter: 200);

    [Fact]
    public void Taking_everything_out_leaves_the_empty_kernel_and_what_others_have() =>
        Gen.Select(NodeStates.State, NodeStates.Options).Sample((state, options) =>
        {
            var kernel = new FakeKernel();
            kernel.RestoreSets("create vallum hash:ip\ncreate vallum4 hash:ip\n");
            kernel.RestoreRules(IpFamily.V4, "*filter\n:VALLUMX - [0:0]\n:vallum-x - [0:0]\n-A FORWARD -j VALLUMX\n-A INPUT -j DROP\nCOMMIT\n");
            var before = kernel.SaveSets() + kernel.SaveRules(IpFamily.V4) + kernel.SaveRules(IpFamily.V6);
            kernel.Run(Planner.Between(kernel.Read(), Renderer.Render(state, options).Kernel));
            kernel.Run(Planner.Between(kernel.Read(), KernelState.Empty));

            (kernel.SaveSets() + kernel.SaveRules(IpFamily.V4) + kernel.SaveRules(IpFamily.V6)).ShouldBe(before);
        }, iter: 100);
}
