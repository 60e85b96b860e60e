using System.Collections.Concurrent;
using CsCheck;
using Vallum.Policies.Evaluation;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Evaluation;

/// <summary>Random worlds are worth something only when everything that a policy can say decides flows in them.</summary>
public sealed class WorldGensTests
{
    [Fact]
    public void Every_kind_of_decision_peer_and_service_comes_up_in_random_worlds()
    {
        var seen = new ConcurrentDictionary<string, int>();
        WorldGens.Worlds.Sample(
            world =>
            {
                var exempt = new Evaluator(world);
                var judged = new Evaluator(world, NodeMode.Judged);
                foreach (var flow in Flows.Interesting(world, 200))
                {
                    foreach (var kind in Kinds(world, exempt.Evaluate(flow)).Concat(Kinds(world, judged.Evaluate(flow))))
                    {
                        seen.AddOrUpdate(kind, 1, (_, n) => n + 1);
                    }
                }
            },
            iter: 400);

        string[] expected =
        [
            .. Enum.GetNames<Exemption>(), "Isolated", "OpenNode", "ByDefault Allow", "ByDefault Deny",
            "Admin Allow", "Admin Deny", "Tenant Allow", "Baseline Allow", "Baseline Deny",
            "Any", "Endpoints", "Block", "Block with cuts", "Set", "LocalNode", "Nodes", "no peers",
            "any protocol", "protocol", "icmp", "Numbers", "Named", "no services",
            "staged differs", "IPv6",
        ];
        foreach (var kind in expected)
        {
            seen.GetValueOrDefault(kind).ShouldBeGreaterThan(20, kind);
        }
    }

    [Fact]
    public void In_every_state_of_a_history_an_address_belongs_to_one_endpoint() =>
        WorldGens.Histories(20).Sample(
            history =>
            {
                foreach (var state in history.States())
                {
                    var addresses = state.Endpoints.Values.Where(e => !e.HostNetwork).SelectMany(e => e.Addresses).ToArray();
                    addresses.ShouldBeUnique();
                }
            },
            iter: 300);

    [Fact]
    public void Interesting_flows_are_all_different_and_as_many_as_asked_for() =>
        WorldGens.Worlds.Sample(
            world =>
            {
                var all = Flows.Interesting(world).Count();
                var some = Flows.Interesting(world, 500).ToArray();
                some.Length.ShouldBe(Math.Min(all, 500));
                some.Distinct().Count().ShouldBe(some.Length);
            },
            iter: 50);

    private static IEnumerable<string> Kinds(ClusterState world, Verdict verdict)
    {
        foreach (var direction in new[] { verdict.Egress, verdict.Ingress })
        {
            yield return direction.Decision switch
            {
                Decision.NotJudged d => d.Why.ToString(),
                Decision.ByRule d => $"{d.Tier} {d.Rule.Action}",
                Decision.ByDefault d => $"ByDefault {d.Posture}",
                Decision.OpenNode => "OpenNode",
                _ => "Isolated",
            };

            if (direction.WouldHave.Allows != direction.Allowed)
            {
                yield return "staged differs";
            }

            if (direction.Decision is Decision.ByRule { Policy: var id, Rule: var match })
            {
                var rule = world.Policies[id].Rules(direction.Direction)[match.Index];
                yield return match.Peer is { } peer ? Kind(rule.Peers[peer]) : "no peers";
                yield return match.Service is { } service ? Kind(rule.Services[service]) : "no services";
                if (verdict.Flow.Source.Family == Primitives.IpFamily.V6)
                {
                    yield return "IPv6";
                }
            }
        }
    }

    private static string Kind(Peer peer) => peer is Peer.Block { Except.Length: > 0 } ? "Block with cuts" : peer.GetType().Name;

    private static string Kind(Service service) => service switch
    {
        { Protocol: null } => "any protocol",
        { IcmpType: not null } => "icmp",
        { Ports: [var port] } => port.GetType().Name,
        { Ports: [] } => "protocol",
        _ => "several ports",
    };
}
