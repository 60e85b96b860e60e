using CsCheck;
using Vallum.Dataplane.Judging;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.Primitives;

namespace Vallum.Dataplane.Tests.Judging;

/// <summary>The fast verdict is the plain one, and the one of the chains.</summary>
public sealed class JudgeLaws
{
    [Fact]
    public void The_judge_says_what_the_plain_reading_of_the_state_says() => Gen.Select(NodeStates.State, Gen.Int[0, 1000]).Sample(
        (state, pick) =>
        {
            var (judge, plain) = (new Judge(state), new NodeJudge(state));
            foreach (var packet in Flows.At(state, pick, 200).Where(p => !IsBetweenContested(state, p) && !IsReserved(p)))
            {
                judge.Decide(FlowOf(packet)).Allowed.ShouldBe(plain.Allows(packet), packet.ToString());
            }
        }, iter: 1000);

    [Fact]
    public void The_judge_says_what_chains_and_sets_do() => Gen.Select(NodeStates.State, Gen.Int[0, 1000]).Sample(
        (drawn, pick) =>
        {
            var state = drawn with { Bindings = [.. drawn.Bindings.Select(b => b with { Interface = null })] };
            var kernel = new FakeKernel();
            kernel.Run(Planner.Between(KernelState.Empty, Renderer.Render(state, RenderOptions.Default).Kernel));
            var judge = new Judge(state);
            foreach (var packet in Flows.At(state, pick).Where(p => !IsBetweenContested(state, p)))
            {
                judge.Decide(FlowOf(packet)).Allowed.ShouldBe(kernel.Forwards(packet), packet.ToString());
            }
        }, iter: 200);

    internal static Flow FlowOf(Packet packet) => new(packet.Source, packet.Destination, packet.Protocol, (ushort)packet.Port);

    /// <summary>Two addresses of one endpoint, one of which another claims too: the plain reading has no words for it, and chains deny what the judge allows.</summary>
    private static bool IsBetweenContested(NodeState state, Packet packet) =>
        state.Bindings.Any(b => b.Addresses.Contains(packet.Source) && b.Addresses.Contains(packet.Destination)) &&
        state.Bindings.Count(b => b.Addresses.Contains(packet.Source) || b.Addresses.Contains(packet.Destination)) > 1;

    /// <summary>ICMP type 255 of IPv4, and an ICMP of the other family: on no wire.</summary>
    private static bool IsReserved(Packet packet) => packet.Source.Family == IpFamily.V4
        ? packet.Protocol == IpProtocol.IcmpV6 || (packet.Protocol == IpProtocol.Icmp && packet.Port >> 8 == 255)
        : packet.Protocol == IpProtocol.Icmp;
}
