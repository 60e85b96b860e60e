using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests;

/// <summary>A packet's way through the chains ends as the policy model says.</summary>
public sealed class VerdictLaws
{
    [Fact]
    public void Chains_and_sets_judge_every_flow_as_the_state_does() => Gen.Select(NodeStates.State, Gen.OneOf(0, 3, 8), Gen.Int[0, 1000]).Sample(
        (drawn, unmerged, pick) =>
        {
            // Without interfaces, so that no packet is a spoofed one.
            var state = drawn with { Bindings = [.. drawn.Bindings.Select(b => b with { Interface = null })] };
            var kernel = new FakeKernel();
            kernel.Run(Planner.Between(KernelState.Empty, Renderer.Render(state, new RenderOptions { UnmergedConditions = unmerged, UncutRanges = unmerged, UncopiedMembers = pick % 4 }).Kernel));
            var judge = new NodeJudge(state);
            foreach (var packet in Packets(state, pick))
            {
                kernel.Forwards(packet).ShouldBe(judge.Allows(packet), packet.ToString());
            }
        }, iter: 300);

    [Fact]
    public void What_the_node_itself_takes_and_sends_is_judged_as_its_profile_says() => Gen.Select(NodeStates.State, NodeStates.Options, Gen.Int[0, 1000]).Sample(
        (drawn, options, pick) =>
        {
            var state = drawn with { Bindings = [.. drawn.Bindings.Select(b => b with { Interface = null })] };
            var kernel = new FakeKernel();
            kernel.Run(Planner.Between(KernelState.Empty, Renderer.Render(state, options).Kernel));
            var judge = new NodeJudge(state);
            foreach (var packet in Packets(state, pick).SelectMany(p => new[] { p, p with { In = "lo", Out = "lo" }, p with { Port = 22 }, Dhcp(p), Link(p) }))
            {
                kernel.Receives(packet).ShouldBe(judge.Receives(packet, options.Failsafe), packet.ToString());
                kernel.Sends(packet).ShouldBe(judge.Sends(packet, options.Failsafe), packet.ToString());
            }
        }, iter: 150);

    private static Packet Dhcp(Packet packet) => packet with { Protocol = IpProtocol.Udp, SourcePort = 67, Port = 68 };

    /// <summary>Said between neighbours: a router's advertisement, or a listener's report.</summary>
    private static Packet Link(Packet packet) => packet with
    {
        Protocol = packet.Source.Family == IpFamily.V6 ? IpProtocol.IcmpV6 : IpProtocol.Icmp,
        Port = (packet.Port % 2 == 0 ? 134 : 143) << 8,
        HopLimit = packet.Port % 3 == 0 ? 1 : 255,
    };

    /// <summary>Flows at and beside everything that the state names.</summary>
    private static IEnumerable<Packet> Packets(NodeState state, int pick)
    {
        var members = state.Groups.Values.SelectMany(g => g.V4.Concat(g.V6)).Select(m => m.Net).Order().ToArray();
        var blocks = state.Rules.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => r.Value).SelectMany(r => r.Ingress.Concat(r.Egress)).SelectMany(r => r.Matches).ToArray();
        var named = blocks.SelectMany(m => m.Peers).OfType<Peer.Block>().SelectMany(b => b.Except.Append(b.Cidr)).Order().ToArray();
        var local = state.Bindings.SelectMany(b => b.Addresses).Distinct().Order().ToArray();
        Address[] others = [.. local, .. members.Concat(named).SelectMany(n => new[] { n.Base, n.Last }).Concat(state.NodeAddresses).Distinct()];
        var services = blocks.SelectMany(m => m.Services).Where(s => s.Protocol is not null).ToArray();
        (byte Protocol, int Port)[] wanted =
        [
            (IpProtocol.Tcp, 80), (47, 0), (IpProtocol.Icmp, 8 << 8), (IpProtocol.IcmpV6, 128 << 8),
            .. services.SelectMany(s => s.Ports.SelectMany(p => new[] { (int)p.First, p.Last, p.Last + 1 & 65535 }).Select(p => (s.Protocol!.Value, p))),
            .. services.Where(s => s.IcmpType is not null).Select(s => (s.Protocol!.Value, (s.IcmpType!.Value << 8) + (s.IcmpCode ?? 3))),
            .. state.Profiles.OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value.NamedPorts).Select(n => (n.Protocol, (int)n.Port)),
        ];
        for (var i = 0; i < 60 && local.Length > 0; i++)
        {
            var here = local[(i + pick) % local.Length];
            var there = others[((i * 7) + pick) % others.Length];
            var (protocol, port) = wanted[((i * 3) + pick) % wanted.Length];
            if (there.Family == here.Family)
            {
                yield return i % 2 == 0 ? new Packet(here, there, protocol, port) : new Packet(there, here, protocol, port);
            }
        }
    }
}
