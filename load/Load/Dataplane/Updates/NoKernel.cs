using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>Takes everything and holds nothing.</summary>
internal sealed class NoKernel : IKernel
{
    public Task<KernelState> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(KernelState.Empty);

    public Task<RuleTable> ReadRulesAsync(IpFamily family, CancellationToken cancellationToken) => Task.FromResult(RuleTable.Empty);

    public Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken) =>
        Task.FromResult(ImmutableSortedDictionary<string, int>.Empty);

    public Task<bool> HoldsAsync(ImmutableSortedDictionary<string, KernelSet> wanted, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task RunAsync(PlanStep step, CancellationToken cancellationToken) => Task.CompletedTask;
}
