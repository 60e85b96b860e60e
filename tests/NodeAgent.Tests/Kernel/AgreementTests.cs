using CsCheck;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.Dataplane.Testing;
using Vallum.NodeAgent.Kernel;

namespace Vallum.NodeAgent.Tests.Kernel;

/// <summary>What laws say of the fake kernel holds for the real one, because the two cannot be told apart.</summary>
public sealed class AgreementTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>
    /// After every step of every plan, not only at its end; among them plans back to nothing, and plans that begin after a state of which only the first
    /// steps were taken.
    /// </summary>
    [Theory]
    [InlineData(IptablesFlavour.Legacy)]
    [InlineData(IptablesFlavour.Nft)]
    public async Task The_fake_kernel_and_the_real_one_read_the_same_after_every_step(IptablesFlavour flavour)
    {
        using var space = NetworkNamespace.Create();
        var real = space.Kernel(flavour);
        var fake = new FakeKernel();
        await Gen.Select(NodeStates.State, NodeStates.Options, Gen.Int[0, 9]).SampleAsync(
            async (state, options, die) =>
            {
                var wanted = die == 0 ? KernelState.Empty : Renderer.Render(state, options).Kernel;
                var plan = Planner.Between(fake.Read(), wanted);
                foreach (var step in die > 6 ? plan.Steps.Take(die - 6) : plan.Steps)
                {
                    await real.RunAsync(step, Token);
                    fake.Run(step);
                    (await real.ReadAsync(Token)).ToString().ShouldBe(fake.Read().ToString());
                }
            },
            iter: 15,
            threads: 1);
    }
}
