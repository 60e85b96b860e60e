using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Rendering;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Rows;

/// <summary>What a policy of the node becomes behind INPUT and OUTPUT.</summary>
public sealed class HostRows
{
    private static readonly RenderOptions Options = RenderOptions.Default with
    {
        Failsafe = new Failsafe(
            [new FailsafePort(IpProtocol.Tcp, 22)],
            [new FailsafePort(IpProtocol.Udp, 53), new FailsafePort(IpProtocol.Tcp, 7400, Address.Parse("10.0.0.5"))]),
    };

    [Fact]
    public void A_closed_node_keeps_what_it_cannot_do_without()
    {
        var kernel = Render(Isolated, Options);
        var chain = kernel.V4.Chains[KernelNames.Input];
        chain.ShouldBe([
            "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
            "-i lo -j RETURN",
            "-p udp -m udp --sport 67 --dport 68 -j RETURN",
            "-p tcp -m tcp --dport 22 -j RETURN",
            "-m conntrack --ctstate INVALID -j DROP",
            $"-g {chain[^1][3..]}"]);
        kernel.V4.Chains[chain[^1][3..]].ShouldBe(["-s 192.0.2.0/24 -j RETURN", "-g VALLUM-DENY"]);
        kernel.V4.Chains[KernelNames.Output].ShouldBe([
            "-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
            "-o lo -j RETURN",
            "-p udp -m udp --sport 68 --dport 67 -j RETURN",
            "-p udp -m udp --dport 53 -j RETURN",
            "-d 10.0.0.5/32 -p tcp -m tcp --dport 7400 -j RETURN",
            "-m conntrack --ctstate INVALID -j DROP",
            kernel.V4.Chains[KernelNames.Output][^1]]);
        kernel.V4.Hooks.Select(h => h.BuiltIn).ShouldBe(["FORWARD", "INPUT", "OUTPUT"]);
    }

    [Fact]
    public void Own_endpoints_come_before_the_policies_behind_their_own_interface_only()
    {
        var binding = new Binding("t/e", [Address.Parse("10.1.7.1")], "vw1", "open");
        var kernel = Render(Isolated with { Bindings = [binding] }, Options);
        kernel.V4.Chains[KernelNames.Input].ShouldContain("-m set --match-set vallum4-gate src,src -j RETURN");
        kernel.V4.Chains[KernelNames.Output].ShouldContain("-m set --match-set vallum4-local dst -j RETURN");
    }

    [Fact]
    public void A_node_that_no_policy_selects_has_no_chain_behind_output()
    {
        var kernel = Render(Isolated with { NodeProfile = null }, Options);
        kernel.V4.Chains.Keys.ShouldNotContain(KernelNames.Output);
        kernel.V4.Chains[KernelNames.Input].ShouldBe(["-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN"]);
        kernel.V4.Hooks.Select(h => h.BuiltIn).ShouldBe(["FORWARD", "INPUT"]);
    }

    [Fact]
    public void A_profile_that_is_not_held_closes_the_node_but_for_the_failsafe()
    {
        var kernel = Render(Isolated with { NodeProfile = "unheard of" }, Options);
        kernel.V4.Chains[KernelNames.Input][^1].ShouldBe("-g VALLUM-DENY");
        kernel.V4.Chains[KernelNames.Input].ShouldContain("-p tcp -m tcp --dport 22 -j RETURN");
    }

    [Fact]
    public void A_policy_of_one_direction_leaves_the_other_alone()
    {
        var state = Isolated with { Profiles = Profiles(Isolated.Profiles["host"].Policies[0]) };
        Render(state, Options).V4.Chains.Keys.ShouldNotContain(KernelNames.Output);
    }

    private static readonly Rule Office = new("office", RuleAction.Allow, [new Match([new Peer.Block(Cidr.Parse("192.0.2.0/24"), [])], [])]);

    private static readonly Rule Rest = new("rest", RuleAction.Deny, [new Match([Peer.Any.Instance], [])]);

    private static readonly NodeState Isolated = NodeState.Empty with
    {
        NodeProfile = "host",
        Profiles = Profiles(InForce(Direction.Ingress), InForce(Direction.Egress)),
        Rules = ImmutableDictionary<string, PolicyRules>.Empty.Add("r", new PolicyRules("policies/r", [Office, Rest], [Office, Rest], false)),
    };

    private static PolicyInForce InForce(Direction direction) => new(direction, Tier.Baseline, 0, "policies/r", "r", false);

    private static ImmutableDictionary<string, Profile> Profiles(params PolicyInForce[] policies) =>
        ImmutableDictionary<string, Profile>.Empty.Add("host", Profile.Open with { Policies = [.. policies] }).Add("open", Profile.Open);

    private static KernelState Render(NodeState state, RenderOptions options) => Renderer.Render(state, options).Kernel;
}
