using CsCheck;
using Vallum.Policies.Evaluation;
using Vallum.Testing.Compiled;
using Vallum.Testing.Worlds;

namespace Vallum.Compilation.Tests;

/// <summary>What nodes are sent means what the definition says, at every moment of every history.</summary>
public sealed class CompiledVerdictTests
{
    /// <summary>Of the interesting flows of each state.</summary>
    private const int FlowsPerState = 250;

    [Fact]
    public void Nodes_judge_every_flow_as_the_definition_does_after_every_change() =>
        WorldGens.Histories(longest: 8).Sample(
            history =>
            {
                var cluster = CompiledCluster.Of(history.Start);
                Disagreements.In(cluster, FlowsPerState).ShouldBeEmpty();
                foreach (var change in history.Changes)
                {
                    cluster.Apply(change);
                    Disagreements.In(cluster, FlowsPerState).ShouldBeEmpty();
                }
            },
            iter: 150);
}

/// <summary>Flows of which the interpreter of what is sent and the definition say different things.</summary>
internal static class Disagreements
{
    public static string[] In(CompiledCluster cluster, int most) => [.. Between(cluster, Flows.Interesting(cluster.State, most)).Take(5)];

    public static IEnumerable<string> Between(CompiledCluster cluster, IEnumerable<Flow> flows)
    {
        var definition = new Evaluator(cluster.State);
        var nodes = new Interpreter(cluster);
        foreach (var flow in flows)
        {
            var verdict = definition.Evaluate(flow);
            var (egress, egressWithStaged) = (nodes.Egress(flow), nodes.Egress(flow, stagedToo: true));
            if (!Agree(cluster, verdict.Egress, egress, egressWithStaged))
            {
                yield return $"{verdict}, but the source's node says {Say(egress)}, with staged policies {Say(egressWithStaged)}";
            }

            var (ingress, ingressWithStaged) = (nodes.Ingress(flow), nodes.Ingress(flow, stagedToo: true));
            if (!Agree(cluster, verdict.Ingress, ingress, ingressWithStaged))
            {
                yield return $"{verdict}, but the destination's node says {Say(ingress)}, with staged policies {Say(ingressWithStaged)}";
            }
        }
    }

    /// <summary>A node judges exactly those endpoints that are managed and placed, and itself where a policy selects it.</summary>
    private static bool Agree(CompiledCluster cluster, DirectionVerdict definition, bool? node, bool? nodeWithStaged)
    {
        var isPlaced = definition.Endpoint is { } id && cluster.State.Endpoints[id].Node is not null;
        return isPlaced || definition.Node is not null
            ? node == definition.Allowed && nodeWithStaged == definition.WouldHave.Allows
            : node is null && nodeWithStaged is null;
    }

    private static string Say(bool? verdict) => verdict switch
    {
        true => "allow",
        false => "deny",
        null => "nothing",
    };
}
