using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.Dataplane.Packets.Tests.Traffic;

/// <summary>
/// The door to a kernel of an agent that dies: some steps are done, of the next one, where it is a change of sets, the first operations, and no more.
/// </summary>
internal sealed class DyingKernel(IKernel kernel, int steps, int operations) : IKernel
{
    private int _left = steps;

    public Task<KernelState> ReadAsync(CancellationToken cancellationToken) => kernel.ReadAsync(cancellationToken);

    public Task<RuleTable> ReadRulesAsync(IpFamily family, CancellationToken cancellationToken) => kernel.ReadRulesAsync(family, cancellationToken);

    public Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken) =>
        kernel.CountMembersAsync(cancellationToken);

    public Task<bool> HoldsAsync(ImmutableSortedDictionary<string, KernelSet> wanted, CancellationToken cancellationToken) =>
        kernel.HoldsAsync(wanted, cancellationToken);

    public async Task RunAsync(PlanStep step, CancellationToken cancellationToken)
    {
        if (_left-- > 0)
        {
            await kernel.RunAsync(step, cancellationToken);
            return;
        }

        if (step is PlanStep.ChangeSets sets)
        {
            await kernel.RunAsync(sets with { Operations = [.. sets.Operations.Take(operations)] }, cancellationToken);
        }

        throw new KilledException();
    }
}

/// <summary>The agent is no more.</summary>
internal sealed class KilledException : Exception;
