using CsCheck;
using Shouldly;
using Vallum.Silo.Distribution.Hub;
using Xunit;

namespace Vallum.Distribution.Tests.Hub;

public sealed class NodeSpanTests
{
    private const int Resources = 24;

    /// <summary>From refers to To; 0 is the node itself. Only to higher numbers, so that there is no circle.</summary>
    private static readonly Gen<(int From, int To)> References =
        Gen.Select(Gen.Int[0, Resources - 2], Gen.Int[1, Resources - 1]).Select((a, b) => (Math.Min(a, b - 1), Math.Max(a + 1, b)));

    [Fact]
    public void The_span_is_what_can_be_reached_after_any_changes_settled_at_any_time() =>
        Gen.Select(References, Gen.Int[0, 3]).Array[1, 80].Sample(changes =>
        {
            var graph = new Dictionary<int, HashSet<int>>();
            var span = new NodeSpan<int>();
            foreach (var ((from, to), dice) in changes)
            {
                var references = graph.TryGetValue(from, out var found) ? found : graph[from] = [];
                var gained = references.Add(to);
                if (!gained)
                {
                    references.Remove(to);
                }

                if (from == 0 || span.Contains(from))
                {
                    span.Adjust(gained ? [to] : [], gained ? [] : [to]);
                }

                if (dice == 0)
                {
                    CheckSettled(span, graph);
                }
            }

            CheckSettled(span, graph);
        });

    [Fact]
    public void What_is_referred_to_twice_stays_until_both_references_are_gone()
    {
        var span = new NodeSpan<string>();
        span.Adjust(["a", "b"], []);
        span.Settle(r => r is "a" or "b" ? ["shared"] : []).Entered.ShouldBe(["a", "b", "shared"], ignoreOrder: true);

        span.Adjust([], ["a"]);
        span.Settle(r => r is "a" or "b" ? ["shared"] : []).Left.ShouldBe(["a"]);

        span.Adjust([], ["b"]);
        span.Settle(r => r is "b" ? ["shared"] : []).Left.ShouldBe(["b", "shared"], ignoreOrder: true);
    }

    [Fact]
    public void What_leaves_and_comes_back_before_it_is_settled_has_not_moved()
    {
        var span = new NodeSpan<string>();
        span.Adjust(["a"], []);
        span.Settle(_ => []);

        span.Adjust([], ["a"]);
        span.Adjust(["a"], []);

        var (entered, left) = span.Settle(_ => []);
        entered.ShouldBeEmpty();
        left.ShouldBeEmpty();
    }

    private static void CheckSettled(NodeSpan<int> span, Dictionary<int, HashSet<int>> graph)
    {
        var before = span.Members.ToHashSet();
        var (entered, left) = span.Settle(r => graph.GetValueOrDefault(r) ?? []);
        var reachable = new HashSet<int>();
        var next = new Stack<int>([0]);
        while (next.TryPop(out var resource))
        {
            foreach (var reference in graph.GetValueOrDefault(resource) ?? [])
            {
                if (reachable.Add(reference))
                {
                    next.Push(reference);
                }
            }
        }

        span.Members.ShouldBe(reachable, ignoreOrder: true);
        entered.ShouldBe(reachable.Except(before), ignoreOrder: true);
        left.ShouldBe(before.Except(reachable), ignoreOrder: true);
    }
}
