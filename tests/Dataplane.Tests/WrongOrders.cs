using System.Collections.Immutable;
using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;

namespace Vallum.Dataplane.Tests;

/// <summary>Plans in orders that are known to be wrong: what judges the right ones finds each of them out.</summary>
public sealed class WrongOrders
{
    private delegate IEnumerable<PlanStep> Order(KernelState before, KernelState after, ImmutableArray<PlanStep> right);

    [Fact]
    public void The_right_order_is_not_found_out() => Wrong(Neighbours.Pair, (_, _, right) => right).ShouldBe(0);

    [Fact]
    public void What_removes_before_it_adds_is_found_out() =>
        FindsOut(Neighbours.MemberPair, (_, _, right) => right.OrderBy(s => Operation(s) is SetOperation.Add ? 1 : 0)).ShouldBeTrue();

    [Fact]
    public void What_takes_denials_away_before_allowances_is_found_out() => FindsOut(Neighbours.MemberPair, (_, _, right) =>
    [
        .. right.Where(s => Operation(s) is not SetOperation.Remove),
        .. right.Where(s => Operation(s) is SetOperation.Remove).Reverse(),
    ]).ShouldBeTrue();

    [Fact]
    public void What_adds_in_the_reverse_of_the_chains_order_is_found_out() => FindsOut(Neighbours.MemberPair, (_, _, right) =>
    [
        .. right.Where(s => Operation(s) is SetOperation.Add).Reverse(),
        .. right.Where(s => Operation(s) is not SetOperation.Add),
    ]).ShouldBeTrue();

    [Fact]
    public void What_changes_the_rules_before_all_members_is_found_out() => FindsOut(Neighbours.Pair, (before, _, right) =>
    {
        bool IsMember(PlanStep step) => Operation(step) is SetOperation.Add add ? before.Sets.ContainsKey(add.Set) : Operation(step) is SetOperation.Remove;
        var rules = right.TakeWhile(s => s is not PlanStep.ChangeRules).Count();
        return rules == right.Length
            ? right
            : [.. right[..rules].Where(s => !IsMember(s)), right[rules], .. right[..rules].Where(IsMember), .. right[(rules + 1)..]];
    }).ShouldBeTrue();

    [Fact]
    public void What_changes_all_members_before_the_rules_is_found_out() => FindsOut(Neighbours.Pair, (_, _, right) =>
    [
        .. right.Where(s => s is PlanStep.ChangeSets),
        .. right.Where(s => s is not PlanStep.ChangeSets),
    ]).ShouldBeTrue();

    [Fact]
    public void What_flushes_and_refills_is_found_out() => FindsOut(Neighbours.MemberPair, (before, after, _) =>
        after.Sets.Values.Where(s => !MemberSet.Between(before.Sets[s.Name].Members, s.Members).IsNone).SelectMany(s => (IEnumerable<SetOperation>)
        [
            .. before.Sets[s.Name].Members.Order().Select(m => new SetOperation.Remove(s.Name, [m])),
            .. s.Members.Order().Select(m => new SetOperation.Add(s.Name, [m])),
        ]).Select(o => new PlanStep.ChangeSets([o]))).ShouldBeTrue();

    [Fact]
    public void What_adds_a_wide_block_before_its_exceptions_is_found_out() => FindsOut(Neighbours.MemberPair, (_, _, right) =>
        right.OrderBy(s => Operation(s) switch
        {
            SetOperation.Add add => add.Members[0].Net.Length,
            _ => 200,
        })).ShouldBeTrue();

    /// <summary>Whether the law finds one of many random changes wrong: some wrong orders show in one of a hundred only.</summary>
    private static bool FindsOut(Gen<(NodeState From, NodeState To)> pairs, Order order) =>
        Enumerable.Range(0, 25).Any(_ => Wrong(pairs, order) > 0);

    /// <summary>How many of some random changes the law finds wrong.</summary>
    private static int Wrong(Gen<(NodeState From, NodeState To)> pairs, Order order)
    {
        var wrong = 0;
        pairs.Sample(pair =>
        {
            var before = Renderer.Render(pair.From, StepLaws.Unmerged).Kernel;
            var after = Renderer.Render(pair.To, StepLaws.Unmerged).Kernel;
            var (kernel, end) = (new FakeKernel(), new FakeKernel());
            kernel.Run(Planner.Between(KernelState.Empty, before));
            end.Run(Planner.Between(KernelState.Empty, after));
            ImmutableArray<PlanStep> right = [.. Instants.Of(Planner.Between(before, after))];
            if (pairs == Neighbours.MemberPair && right.Any(s => s is PlanStep.ChangeRules))
            {
                // A detour has no order of members to be spoilt.
                return;
            }

            var seen = Instants.Violations(
                kernel,
                [.. order(before, after, right)],
                Instants.Packets(pair.From, pair.To),
                Instants.Strangers(pair.From, pair.To),
                end.Forwards);
            Interlocked.Add(ref wrong, seen.IsEmpty ? 0 : 1);
        }, iter: 200);
        return wrong;
    }

    private static SetOperation? Operation(PlanStep step) => step is PlanStep.ChangeSets sets ? sets.Operations[0] : null;
}
