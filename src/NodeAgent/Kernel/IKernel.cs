using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

/// <summary>What enforcement needs of a kernel.</summary>
/// <exception cref="KernelFailedException">Of every method: the kernel or a tool refused.</exception>
internal interface IKernel
{
    /// <summary>All that is ours.</summary>
    Task<KernelState> ReadAsync(CancellationToken cancellationToken);

    Task<RuleTable> ReadRulesAsync(IpFamily family, CancellationToken cancellationToken);

    /// <summary>How many members each of our sets has; cheap, however many there are.</summary>
    Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken);

    /// <summary>True when our sets are these and no others, each with these members and no others.</summary>
    Task<bool> HoldsAsync(ImmutableSortedDictionary<string, KernelSet> wanted, CancellationToken cancellationToken);

    Task RunAsync(PlanStep step, CancellationToken cancellationToken);
}
