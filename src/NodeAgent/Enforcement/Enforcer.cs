using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Enforcement;

/// <summary>
/// Brings the kernel to what is wanted and keeps it there. One caller at a time. After a failure it no longer trusts what it believed: the next
/// attempt starts from what the kernel says.
/// </summary>
internal sealed class Enforcer(IKernel kernel, RenderOptions options)
{
    private Rendering? _wanted;

    // What the kernel holds as far as we did it; null when that must be asked first.
    private KernelState? _believed;

    /// <summary>True when the last state that was asked for is in the kernel; true before any was.</summary>
    public bool InSync { get; private set; } = true;

    /// <summary>What the kernel is to hold; empty before anything was asked for.</summary>
    public KernelState Wanted => _wanted?.Kernel ?? KernelState.Empty;

    /// <summary>Returns when the state is in the kernel.</summary>
    /// <exception cref="KernelFailedException">It is not; what was enforced before still is, as far as the failed step left it.</exception>
    public async Task ApplyAsync(NodeState state, CancellationToken cancellationToken)
    {
        _wanted = Renderer.Render(state, options, _wanted);
        await BringAsync(_wanted.Kernel, cancellationToken);
    }

    /// <summary>
    /// Compares the kernel with what is wanted, puts back what differs and names it. Members are counted; with <paramref name="everyMember"/>, or
    /// where a count is wrong, they are read.
    /// </summary>
    public async Task<ImmutableArray<string>> RepairAsync(bool everyMember, CancellationToken cancellationToken)
    {
        if (_wanted is null || (InSync && await LooksRightAsync(_wanted.Kernel, everyMember, cancellationToken)))
        {
            return [];
        }

        var found = await kernel.ReadAsync(cancellationToken);
        var differences = Differences.Between(found, _wanted.Kernel);
        _believed = found;
        await BringAsync(_wanted.Kernel, cancellationToken);
        return differences;
    }

    private async Task BringAsync(KernelState wanted, CancellationToken cancellationToken)
    {
        InSync = false;
        var plan = Planner.Between(_believed ?? await kernel.ReadAsync(cancellationToken), wanted);
        _believed = null;
        foreach (var step in plan.Steps)
        {
            await kernel.RunAsync(step, cancellationToken);
        }

        // A restore of members has said by its exit code that they are in; what became of rules is read back.
        await Task.WhenAll(plan.Steps.OfType<PlanStep.ChangeRules>().Select(step => VerifyAsync(step.Family, wanted, cancellationToken)));

        _believed = wanted;
        InSync = true;
    }

    private async Task VerifyAsync(IpFamily family, KernelState wanted, CancellationToken cancellationToken)
    {
        var there = await kernel.ReadRulesAsync(family, cancellationToken);
        var differences = Differences.Between(there, wanted.Rules(family), family);
        if (!differences.IsEmpty)
        {
            throw new KernelMismatchException(differences);
        }
    }

    private async Task<bool> LooksRightAsync(KernelState wanted, bool everyMember, CancellationToken cancellationToken)
    {
        // The tools run while the sets are compared.
        var v4 = kernel.ReadRulesAsync(IpFamily.V4, cancellationToken);
        var v6 = kernel.ReadRulesAsync(IpFamily.V6, cancellationToken);
        var sets = everyMember ? kernel.HoldsAsync(wanted.Sets, cancellationToken) : CountsHoldAsync(wanted, cancellationToken);
        return Differences.Between(await v4, wanted.V4, IpFamily.V4).IsEmpty && Differences.Between(await v6, wanted.V6, IpFamily.V6).IsEmpty && await sets;
    }

    private async Task<bool> CountsHoldAsync(KernelState wanted, CancellationToken cancellationToken)
    {
        var counts = await kernel.CountMembersAsync(cancellationToken);
        return counts.Count == wanted.Sets.Count && wanted.Sets.Values.All(s => counts.TryGetValue(s.Name, out var count) && count == s.Members.Count);
    }
}

/// <summary>The tools took everything, and the kernel holds something else.</summary>
internal sealed class KernelMismatchException(ImmutableArray<string> differences)
    : KernelFailedException($"after the change the kernel differs from what was written: {string.Join("; ", differences.Take(3))}");
