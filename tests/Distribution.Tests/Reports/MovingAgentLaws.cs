using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Vallum.Silo.Reports;
using Xunit;

namespace Vallum.Distribution.Tests.Reports;

/// <summary>Agents that count, move between silos, restart and are cut off, with streams whose end is noticed late: the sums over the silos are the nodes' own.</summary>
public sealed class MovingAgentLaws
{
    private const int Silos = 3;
    private const int Nodes = 2;

    private abstract record Step
    {
        public sealed record Count(int Node, int Packets) : Step;

        public sealed record Report(int Node) : Step;

        public sealed record Move(int Node, int Silo, bool Restarts) : Step;

        /// <summary>The silo that the node left longest ago notices it.</summary>
        public sealed record NoticeEnd : Step;

        public sealed record Exchange(int Silo) : Step;
    }

    private static readonly Gen<Step> Steps = Gen.Frequency(
        (3, Gen.Select(Gen.Int[0, Nodes - 1], Gen.Int[1, 100]).Select(s => (Step)new Step.Count(s.Item1, s.Item2))),
        (4, Gen.Int[0, Nodes - 1].Select(n => (Step)new Step.Report(n))),
        (2, Gen.Select(Gen.Int[0, Nodes - 1], Gen.Int[0, Silos - 1], Gen.Bool).Select(s => (Step)new Step.Move(s.Item1, s.Item2, s.Item3))),
        (2, Gen.Const<Step>(new Step.NoticeEnd())),
        (3, Gen.Int[0, Silos - 1].Select(s => (Step)new Step.Exchange(s))));

    [Fact]
    public void A_sum_neither_falls_nor_doubles_and_in_the_end_it_is_exact() => Steps.Array[0, 80].Sample(steps =>
    {
        var time = new FakeTimeProvider();
        var books = Enumerable.Range(0, Silos).Select(_ => new TrafficBook(time)).ToArray();
        var nodes = Enumerable.Range(0, Nodes).Select(n => new CountingNode($"n{n}")).ToArray();
        var at = new int[Nodes];
        var unnoticed = new Queue<(int Silo, string Node, string Session)>();
        var before = 0UL;
        foreach (var node in nodes)
        {
            node.Connect();
        }

        foreach (var step in steps)
        {
            switch (step)
            {
                case Step.Count count:
                    nodes[count.Node].Packets += (ulong)count.Packets;
                    break;
                case Step.Report report:
                    books[at[report.Node]].Take(nodes[report.Node].Name, nodes[report.Node].Session, nodes[report.Node].Report());
                    break;
                case Step.Move move:
                    unnoticed.Enqueue((at[move.Node], nodes[move.Node].Name, nodes[move.Node].Session));
                    at[move.Node] = move.Silo;
                    nodes[move.Node].Run += move.Restarts ? 1UL : 0;
                    nodes[move.Node].Connect();
                    break;
                case Step.NoticeEnd when unnoticed.TryDequeue(out var end):
                    books[end.Silo].Ended(end.Node, end.Session);
                    break;
                case Step.Exchange exchange:
                    Exchange(exchange.Silo);
                    break;
            }

            var sum = Sum();
            sum.ShouldBeGreaterThanOrEqualTo(before);
            sum.ShouldBeLessThanOrEqualTo(nodes.Aggregate(0UL, (all, n) => all + n.Packets));
            before = sum;
        }

        for (var n = 0; n < Nodes; n++)
        {
            books[at[n]].Take(nodes[n].Name, nodes[n].Session, nodes[n].Report());
        }

        for (var silo = 0; silo < Silos; silo++)
        {
            Exchange(silo);
        }

        Sum().ShouldBe(nodes.Aggregate(0UL, (all, n) => all + n.Packets));

        void Exchange(int silo)
        {
            var waiting = books[silo].Waiting();
            foreach (var other in books.Where(b => b != books[silo]))
            {
                books[silo].LetGo(other.LetGo(waiting));
            }

            books[silo].Count(waiting);
        }

        ulong Sum() => books.Select(b => b.Hits([CountingNode.Policy], rules: false)[0]?.Packets ?? 0).Aggregate((a, b) => a + b);
    });
}
