using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Enforcement;

/// <summary>The rules of both families as they were found.</summary>
/// <param name="Commits">How many changes of rules had begun before the reading did.</param>
internal sealed record RulesRead(int Commits, RuleTable V4, RuleTable V6)
{
    public ImmutableArray<string> Differences(KernelState wanted) =>
    [
        .. Dataplane.Planning.Differences.Between(V4, wanted.V4, IpFamily.V4),
        .. Dataplane.Planning.Differences.Between(V6, wanted.V6, IpFamily.V6),
    ];
}

/// <summary>The tools took everything, and the kernel holds something else.</summary>
internal sealed class KernelMismatchException(ImmutableArray<string> differences)
    : KernelFailedException($"after the change the kernel differs from what was written: {string.Join("; ", differences.Take(3))}");
