using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Cases;

namespace Vallum.Cases.Tests;

/// <summary>Every step of both suites from scratch: Kubernetes objects in, verdicts of the definition out, held to the tables cell by cell.</summary>
public sealed class EvaluatorCases
{
    [Fact]
    public void Every_cell_of_the_Kubernetes_suite_is_as_the_table_says()
    {
        var played = CasePlay.Of(CaseFile.Kubernetes, () => FromScratch);
        played.ShouldSatisfyAllConditions(
            p => p.Wrong.ShouldBeEmpty(),
            p => p.Cases.ShouldBe(48),
            p => p.Steps.ShouldBe(65),
            p => p.Cells.ShouldBeGreaterThan(0));
    }

    [Fact]
    public void Every_cell_of_cyclonus_is_as_the_table_says()
    {
        var played = CasePlay.Of(CaseFile.Cyclonus, () => FromScratch);
        played.ShouldSatisfyAllConditions(
            p => p.Wrong.ShouldBeEmpty(),
            p => p.Cases.ShouldBe(230),
            p => p.Steps.ShouldBe(256),
            p => (p.Cells + p.OwnCells).ShouldBe(123_669));
    }

    private static Func<Flow, Said> FromScratch(ClusterState state)
    {
        var evaluator = new Evaluator(state);
        return flow =>
        {
            var verdict = evaluator.Evaluate(flow);
            return new Said(verdict.Egress.Allowed, verdict.Ingress.Allowed, verdict.ToString());
        };
    }
}
