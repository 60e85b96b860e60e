using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

/// <summary>The kernel of this node: its sets, one way or the other, and its rules.</summary>
internal sealed class NodeKernel(IKernelSets sets, ToolRules rules) : IKernel
{
    public async Task<KernelState> ReadAsync(CancellationToken cancellationToken)
    {
        var v4 = rules.ReadAsync(IpFamily.V4, cancellationToken);
        var v6 = rules.ReadAsync(IpFamily.V6, cancellationToken);
        return new KernelState(await sets.ReadAsync(cancellationToken), await v4, await v6);
    }

    public Task<RuleTable> ReadRulesAsync(IpFamily family, CancellationToken cancellationToken) => rules.ReadAsync(family, cancellationToken);

    public Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken) =>
        sets.CountMembersAsync(cancellationToken);

    public Task<bool> HoldsAsync(ImmutableSortedDictionary<string, KernelSet> wanted, CancellationToken cancellationToken) =>
        sets.HoldAsync(wanted, cancellationToken);

    public Task RunAsync(PlanStep step, CancellationToken cancellationToken) => step switch
    {
        PlanStep.ChangeSets change => sets.ChangeAsync(change.Operations, cancellationToken),
        PlanStep.ChangeRules change => rules.ChangeAsync(change.Family, change.Text, cancellationToken),
        PlanStep.DropSets drop => sets.DropAsync(drop.Names, cancellationToken),
        _ => throw new InvalidOperationException($"unknown step {step}"),
    };
}
