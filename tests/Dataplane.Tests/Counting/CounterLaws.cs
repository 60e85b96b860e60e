using System.Collections.Immutable;
using CsCheck;
using Vallum.Dataplane.Counting;
using Vallum.Dataplane.Model;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Counting;

/// <summary>A kernel that counts and is rewritten, a book that is read, saved and opened again; judged by what passed since each reading.</summary>
public sealed class CounterLaws
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 3, 0, 0, TimeSpan.Zero);

    private abstract record Step
    {
        public sealed record Pass(int Line, int Packets) : Step;

        public sealed record Rewrite(bool OtherText) : Step;

        public sealed record Read : Step;

        public sealed record Restart : Step;
    }

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (4, Gen.Select(Gen.Int[0, 2], Gen.Int[1, 1000]).Select(p => (Step)new Step.Pass(p.Item1, p.Item2))),
        (1, Gen.Bool.Select(b => (Step)new Step.Rewrite(b))),
        (3, Gen.Const<Step>(new Step.Read())),
        (1, Gen.Const<Step>(new Step.Restart())));

    [Fact]
    public void A_total_is_what_passed_but_what_a_rewrite_took_unread_and_never_falls() => Steps.Array[0, 60].Sample(steps =>
    {
        var kernel = new ulong[3];
        var (unread, expected) = (new ulong[3], new ulong[3]);
        var version = 0;
        var book = new CounterBook(CounterPage.Empty);
        var before = 0UL;
        foreach (var step in steps)
        {
            switch (step)
            {
                case Step.Pass pass:
                    kernel[pass.Line] += (ulong)pass.Packets;
                    unread[pass.Line] += (ulong)pass.Packets;
                    break;
                case Step.Rewrite rewrite:
                    // A chain of the same text is told apart by its lower counters only: then nothing may have passed unread before.
                    version += rewrite.OtherText || unread.Any(u => u > 0) ? 1 : 0;
                    Array.Clear(kernel);
                    Array.Clear(unread);
                    Read();
                    break;
                case Step.Read:
                    Read();
                    break;
                case Step.Restart:
                    book = new CounterBook(book.Page);
                    break;
            }
        }

        void Read()
        {
            book.Take([(IpFamily.V4, MapOf(version), CountersOf(kernel))], Now);
            for (var i = 0; i < 3; i++)
            {
                expected[i] += unread[i];
                unread[i] = 0;
            }

            book.Page.Rules[Rule(0)].Counter.Packets.ShouldBe(expected[0] + expected[1]);
            book.Page.Denied.GetValueOrDefault(Group)?.Counter.Packets.ShouldBe(expected[2]);
            book.Page.Dropped.Packets.ShouldBe(expected[2]);
            var total = expected.Aggregate((a, b) => a + b);
            total.ShouldBeGreaterThanOrEqualTo(before);
            before = total;
        }
    });

    [Fact]
    public void Both_families_count_for_the_same_rule()
    {
        var book = new CounterBook(CounterPage.Empty);
        book.Take([(IpFamily.V4, MapOf(0), CountersOf([1, 2, 0])), (IpFamily.V6, MapOf(0), CountersOf([10, 20, 0]))], Now);
        book.Page.Rules[Rule(0)].Counter.Packets.ShouldBe(33UL);
    }

    [Fact]
    public void A_rule_that_nothing_met_is_counted_as_zero()
    {
        var book = new CounterBook(CounterPage.Empty);
        book.Take([(IpFamily.V4, MapOf(0), CountersOf([0, 0, 0]))], Now);
        book.Page.Rules[Rule(0)].ShouldBe(new CountedTotal(Counter.Zero, DateTimeOffset.MinValue, 1));
    }

    [Fact]
    public void A_chain_that_somebody_changed_is_left_out_until_it_is_as_it_was()
    {
        var book = new CounterBook(CounterPage.Empty);
        book.Take([(IpFamily.V4, MapOf(0), CountersOf([5, 0, 0]))], Now);
        book.Take([(IpFamily.V4, MapOf(0), CountersOf([9, 1]))], Now);
        book.Page.Rules[Rule(0)].Counter.Packets.ShouldBe(5UL);
        book.Take([(IpFamily.V4, MapOf(0), CountersOf([7, 0, 0]))], Now);
        book.Page.Rules[Rule(0)].Counter.Packets.ShouldBe(7UL);
    }

    [Fact]
    public void Of_rules_that_have_left_the_node_the_newest_stay()
    {
        var book = new CounterBook(CounterPage.Empty);
        var lines = Enumerable.Range(0, CounterBook.MostGone + 100).Select(i => new CountedLine(Rule(i), null, false)).ToImmutableArray();
        var all = CounterMap.Empty with { Chains = Chains("a", lines) };
        book.Take([(IpFamily.V4, all, CountersOf([.. lines.Select(_ => 1UL)]))], Now);
        book.Take([(IpFamily.V4, MapOf(0), CountersOf([1, 0, 0]))], Now);
        book.Page.Rules.Count.ShouldBe(CounterBook.MostGone + 1);
    }

    private static CountedRule Rule(int number) => new($"tenants/t/policies/p{number}", "r", Direction.Ingress, Tier.Tenant, false);

    private static DeniedGroup Group => new(Direction.Ingress, "profile");

    /// <summary>Two lines of one rule, and the last that drops the rest.</summary>
    private static CounterMap MapOf(int version) => CounterMap.Empty with
    {
        Chains = Chains($"text {version}", [new CountedLine(Rule(0), null, false), new CountedLine(Rule(0), null, false), new CountedLine(null, Group, true)]),
    };

    private static ImmutableDictionary<string, CountedChain> Chains(string text, ImmutableArray<CountedLine> lines) =>
        ImmutableDictionary<string, CountedChain>.Empty.Add("VALLUM-PI", new CountedChain([.. lines.Select((_, i) => $"{text} {i}")], lines));

    private static ImmutableDictionary<string, ImmutableArray<Counter>> CountersOf(ReadOnlySpan<ulong> packets) =>
        ImmutableDictionary<string, ImmutableArray<Counter>>.Empty.Add("VALLUM-PI", [.. packets.ToArray().Select(p => new Counter(p, p * 60))]);
}
