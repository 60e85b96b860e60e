using System.Collections.Immutable;
using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;

namespace Vallum.Dataplane.Tests;

/// <summary>
/// A packet that is allowed before and after a change is allowed after each operation of it, and one that is denied before and after is denied: asked of
/// the kernel's own verdicts, operation by operation.
/// </summary>
public sealed class StepLaws(ITestOutputHelper output)
{
    private static readonly ImmutableArray<RenderOptions> Options =
    [
        Unmerged,
        Unmerged with { WorkloadInterfaces = ["vw+"] },
        Unmerged with { AcceptAllowed = false },
        Unmerged with { AcceptAllowed = false, WorkloadInterfaces = ["vw+", "tap7"], WorkloadBlocks = [Primitives.Cidr.Parse("10.1.7.0/24")] },
        new() { UnmergedConditions = 0 },
        new() { UnmergedConditions = 2, UncutRanges = 0, WorkloadInterfaces = ["vw+"] },
        new() { UnmergedConditions = 0, UncopiedMembers = 2 },
        new() { UnmergedConditions = 0, UncopiedMembers = 3, WorkloadInterfaces = ["vw+"] },
    ];

    // A group of these pairs may have exceptions among its members, which none on the wire has: they try the sets' own order.
    internal static RenderOptions Unmerged => new() { UnmergedConditions = int.MaxValue };

    private int _instants;
    private int _detours;
    private int _plans;

    [Fact]
    public void No_operation_of_a_plan_is_seen_by_a_packet_that_both_ends_treat_alike()
    {
        Gen.Select(Neighbours.Pair, Gen.Int[0, 7]).Sample((pair, option) => Judge(pair, Options[option]), iter: 800);
        output.WriteLine($"{_plans} plans, {_detours} of them by a detour, {_instants} instants");
        _instants.ShouldBeGreaterThan(2_000);
    }

    [Fact]
    public void No_operation_of_a_change_of_members_is_seen_by_a_packet_that_both_ends_treat_alike()
    {
        Gen.Select(Neighbours.MemberPair, Gen.Int[0, 7]).Sample((pair, option) => Judge(pair, Options[option]), iter: 800);
        output.WriteLine($"{_plans} plans, {_detours} of them by a detour, {_instants} instants");
        _instants.ShouldBeGreaterThan(4_000);
    }

    [Fact]
    public void A_plan_that_stopped_anywhere_is_taken_up_by_the_next_without_a_wrong_packet() =>
        Gen.Select(Neighbours.Pair, Gen.Bool, Gen.Int[0, 7], Gen.Int[0, 1000]).Sample((drawn, back, option, pick) =>
        {
            var pair = Fit(drawn, Options[option]);
            var before = Renderer.Render(pair.From, Options[option]);
            var after = Renderer.Render(pair.To, Options[option]);
            var kernel = At(before.Kernel);
            ImmutableArray<PlanStep> steps = [.. Instants.Of(Planner.Between(before.Kernel, after.Kernel))];
            foreach (var step in steps.Take(pick % (steps.Length + 1)))
            {
                kernel.Run(step);
            }

            // The next plan leads on, or, told otherwise meanwhile, back.
            var target = back ? before.Kernel : after.Kernel;
            var wrong = Instants.Violations(
                kernel,
                [.. Instants.Of(Planner.Between(kernel.Read(), target))],
                Instants.Packets(pair.From, pair.To),
                Instants.Strangers(pair.From, pair.To),
                At(target).Forwards);
            wrong.ShouldBeEmpty(wrong.IsEmpty ? null : $"from\n{before.Kernel}\nto\n{after.Kernel}");
            kernel.Read().ToString().ShouldBe(target.ToString());
        }, iter: 800);

    private static (NodeState From, NodeState To) Fit((NodeState From, NodeState To) pair, RenderOptions options) =>
        options.UnmergedConditions == int.MaxValue ? pair : (WithoutExceptions(pair.From), WithoutExceptions(pair.To));

    private static NodeState WithoutExceptions(NodeState state) => state with
    {
        Groups = PersistentDictionary.Of(state.Groups.Select(g => KeyValuePair.Create(
            g.Key, Group.Of(g.Value.V4.Concat(g.Value.V6).Concat(g.Value.V4Ports).Concat(g.Value.V6Ports).Where(m => !m.NoMatch))))),
    };

    private void Judge((NodeState From, NodeState To) drawn, RenderOptions options)
    {
        var pair = Fit(drawn, options);
        var before = Renderer.Render(pair.From, options);
        var after = Renderer.Render(pair.To, options, before);
        var kernel = At(before.Kernel);
        var plan = Planner.Between(before.Kernel, after.Kernel);
        ImmutableArray<PlanStep> steps = [.. Instants.Of(plan)];
        var wrong = Instants.Violations(
            kernel, steps, Instants.Packets(pair.From, pair.To), Instants.Strangers(pair.From, pair.To), At(after.Kernel).Forwards);

        Interlocked.Add(ref _instants, steps.Length);
        Interlocked.Add(ref _plans, plan.IsEmpty ? 0 : 1);
        Interlocked.Add(ref _detours, plan.Steps.OfType<PlanStep.ChangeRules>().GroupBy(s => s.Family).Any(f => f.Count() > 1) ? 1 : 0);
        wrong.ShouldBeEmpty(wrong.IsEmpty ? null : $"from\n{before.Kernel}\nto\n{after.Kernel}");
        kernel.Read().ToString().ShouldBe(after.Kernel.ToString());
    }

    private static FakeKernel At(KernelState state)
    {
        var kernel = new FakeKernel();
        kernel.Run(Planner.Between(KernelState.Empty, state));
        return kernel;
    }
}
