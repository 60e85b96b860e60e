using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;

namespace Vallum.NodeAgent.Kernel;

/// <summary>The sets of a kernel, as far as they are ours.</summary>
/// <exception cref="KernelFailedException">Of every method: the kernel or a tool refused.</exception>
internal interface IKernelSets
{
    Task<ImmutableSortedDictionary<string, KernelSet>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>How many members each has; cheap, however many there are.</summary>
    Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken);

    /// <summary>True when our sets are these and no others, each with these members and no others.</summary>
    Task<bool> HoldAsync(ImmutableSortedDictionary<string, KernelSet> wanted, CancellationToken cancellationToken);

    /// <summary>In this order. Returns when the kernel has said of each that it is done; after a failure the later ones are not.</summary>
    Task ChangeAsync(ImmutableArray<SetOperation> operations, CancellationToken cancellationToken);

    /// <summary>
    /// A set outlives the rules that named it by a grace period of the kernel. One that is still in use after some tries is left for the next check.
    /// </summary>
    Task DropAsync(ImmutableArray<string> names, CancellationToken cancellationToken);
}
