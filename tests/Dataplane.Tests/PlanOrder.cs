using System.Collections.Immutable;
using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests;

/// <summary>What is true in the middle of a change.</summary>
public sealed class PlanOrder
{
    private static readonly RenderOptions Fenced = new() { WorkloadInterfaces = ["vw+"] };

    private static readonly Packet ToWeb = new(Address.Parse("10.9.0.1"), Address.Parse("10.1.7.10"), IpProtocol.Tcp, 80, Out: "vw1");

    [Fact]
    public void A_new_endpoint_is_cut_off_until_the_rules_that_judge_it_are_in() =>
        Steps(Web(bound: false, "10.8.0.0/16"), Web(bound: true, "10.8.0.0/16"), ToWeb).ShouldAllBe(allowed => !allowed);

    [Fact]
    public void A_lost_endpoint_is_cut_off_before_the_rules_that_judge_it_go() =>
        Steps(Web(bound: true, "10.8.0.0/16"), Web(bound: false, "10.8.0.0/16"), ToWeb).ShouldAllBe(allowed => !allowed);

    [Fact]
    public void An_endpoint_that_moves_to_another_interface_is_known_throughout()
    {
        var there = Web(bound: true, "10.9.0.0/16");
        var moved = there with { Bindings = [there.Bindings[0] with { Interface = "vw2" }] };

        Steps(there, moved, ToWeb).Zip(Steps(there, moved, ToWeb with { Out = "vw2" })).ShouldAllBe(seen => seen.First || seen.Second);
    }

    [Fact]
    public void A_flow_that_one_block_allowed_and_another_does_is_never_dropped() =>
        Steps(Web(bound: true, "10.9.0.0/16"), Web(bound: true, "10.9.0.1/32"), ToWeb).ShouldAllBe(allowed => allowed);

    [Fact]
    public void The_difference_of_neighbours_is_what_was_said() =>
        Gen.Select(Gen.Int[0, 40].HashSet[0, 20], Gen.Int[0, 40].HashSet[0, 10], Gen.Int[0, 40].HashSet[0, 10]).Sample((start, added, removed) =>
        {
            removed.ExceptWith(added);
            var before = MemberSet.Of(start.Select(Member));
            var after = before.With(added.Select(Member), removed.Select(Member));
            var fresh = MemberSet.Of(start.Except(removed).Union(added).Select(Member));

            after.SetEquals(fresh).ShouldBeTrue();
            var near = MemberSet.Between(before, after);
            var far = MemberSet.Between(before, fresh);
            near.Added.ShouldBe(far.Added);
            near.Removed.ShouldBe(far.Removed);
        });

    /// <summary>Whether the packet passes before the change, after each of its steps, and so after it.</summary>
    private static List<bool> Steps(NodeState from, NodeState to, Packet packet)
    {
        var kernel = new FakeKernel();
        var before = Renderer.Render(from, Fenced);
        kernel.Run(Planner.Between(KernelState.Empty, before.Kernel));
        List<bool> seen = [kernel.Forwards(packet)];
        foreach (var step in Planner.Between(before.Kernel, Renderer.Render(to, Fenced, before).Kernel).Steps)
        {
            kernel.Run(step);
            seen.Add(kernel.Forwards(packet));
        }

        seen.Count.ShouldBeGreaterThan(1);
        return seen;
    }

    /// <summary>One endpoint that takes tcp 80 from a group.</summary>
    private static NodeState Web(bool bound, string clients) => NodeState.Empty with
    {
        Bindings = bound ? [new Binding("t/web", [ToWeb.Destination], "vw1", "web")] : [],
        Profiles = ImmutableDictionary<string, Profile>.Empty.Add(
            "web", Profile.Open with { Policies = [new PolicyInForce(Direction.Ingress, Tier.Tenant, 0, "p", "r", false)] }),
        Rules = ImmutableDictionary<string, PolicyRules>.Empty.Add("r", new PolicyRules(
            "p",
            [new Rule("r", RuleAction.Allow, [new Match([new Peer.Group("g")], [Service.Of(IpProtocol.Tcp, PortRange.Single(80))])])],
            [],
            false)),
        Groups = ImmutableDictionary<string, Group>.Empty.Add("g", Group.Of(new SetMember(Cidr.Parse(clients)))),
    };

    private static SetMember Member(int n) => new(Cidr.Host(Address.V4(0x0a000000 + (uint)n)));
}
