using CsCheck;
using Vallum.Policies.Evaluation;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

/// <summary>Random worlds are only worth something when every kind of decision comes up in them, often.</summary>
public sealed class WorldGensTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_kind_of_decision_comes_up_often_in_random_worlds()
    {
        var counts = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        WorldGens.Worlds.Sample(
            world =>
            {
                var evaluator = new Evaluator(world);
                foreach (var flow in Flows.Interesting(world, 100))
                {
                    var verdict = evaluator.Evaluate(flow);
                    counts.AddOrUpdate(Kind(verdict.Egress), 1, (_, n) => n + 1);
                    counts.AddOrUpdate(Kind(verdict.Ingress), 1, (_, n) => n + 1);
                }
            },
            iter: 300,
            seed: "0000000000001");
        foreach (var (kind, count) in counts.OrderBy(c => c.Key))
        {
            output.WriteLine($"{kind}: {count}");
        }

    }

    private static string Kind(DirectionVerdict verdict) => verdict.Decision switch
    {
        Decision.NotJudged d => $"not judged: {d.Why}",
        Decision.ByRule d => $"{d.Tier} {d.Rule.Action}",
        Decision.Isolated => "isolated",
        Decision.ByDefault d => $"default {d.Posture}",
        _ => "?",
    };
}
