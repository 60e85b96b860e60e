using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

/// <summary>The kernel of this node: its sets, one way or the other, and its rules.</summary>
/// <param name="found">The rules as they were read just before; spares the first reading of them.</param>
internal sealed class NodeKernel(IKernelSets sets, ToolRules rules, RulesFound? found = null) : IKernel
{
    private RulesFound? _found = found;

    public async Task<KernelState> ReadAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _found, null) is { } known)
        {
            return new KernelState(await sets.ReadAsync(cancellationToken), known.V4, known.V6);
        }

        var v4 = rules.ReadAsync(IpFamily.V4, cancellationToken);
        var v6 = rules.ReadAsync(IpFamily.V6, cancellationToken);
        return new KernelState(await sets.ReadAsync(cancellationToken), await v4, await v6);
    }

    public Task<RuleTable> ReadRulesAsync(IpFamily family, CancellationToken cancellationToken) => rules.ReadAsync(family, cancellationToken);

    public Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken) =>
        sets.CountMembersAsync(cancellationToken);

    public Task<bool> HoldsAsync(ImmutableSortedDictionary<string, KernelSet> wanted, CancellationToken cancellationToken) =>
        sets.HoldAsync(wanted, cancellationToken);

    public async Task RunAsync(PlanStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case PlanStep.ChangeSets change:
                await rules.SettleAsync();
                await sets.ChangeAsync(change.Operations, cancellationToken);
                break;
            case PlanStep.ChangeRules change:
                await rules.ChangeAsync(change.Family, change.Text, cancellationToken);
                break;
            case PlanStep.DropSets drop:
                await rules.SettleAsync();
                await sets.DropAsync(drop.Names, cancellationToken);
                break;
            default:
                throw new InvalidOperationException($"unknown step {step}");
        }
    }
}
