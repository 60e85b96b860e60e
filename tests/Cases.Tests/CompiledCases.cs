using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Cases;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;

namespace Vallum.Cases.Tests;

/// <summary>
/// Both suites through the incremental path: each case begins with nothing, each step is told to the compilers as the changes since the one before, and
/// what nodes were sent is judged by the interpreter of resources.
/// </summary>
public sealed class CompiledCases
{
    [Fact]
    public void What_nodes_are_sent_step_by_step_means_what_the_Kubernetes_suite_says()
    {
        var played = CasePlay.Of(CaseFile.Kubernetes, StepByStep);
        played.Wrong.ShouldBeEmpty();
        played.Steps.ShouldBe(65);
    }

    [Fact]
    public void What_nodes_are_sent_step_by_step_means_what_cyclonus_says()
    {
        var played = CasePlay.Of(CaseFile.Cyclonus, StepByStep);
        played.Wrong.ShouldBeEmpty();
        played.Steps.ShouldBe(256);
    }

    private static Func<ClusterState, Func<Flow, Said>> StepByStep()
    {
        var cluster = CompiledCluster.Of(ClusterState.Empty);
        return state =>
        {
            cluster.Apply(StateDifference.Between(cluster.State, state));
            var interpreter = new Interpreter(cluster);
            return flow => new Said(
                interpreter.Egress(flow) is not false, interpreter.Ingress(flow) is not false, "so the resources mean");
        };
    }
}
