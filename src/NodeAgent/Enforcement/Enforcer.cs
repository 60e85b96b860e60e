using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Model;
using Vallum.Dataplane.Planning;
using Vallum.Dataplane.Rendering;
using Vallum.NodeAgent.Kernel;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Enforcement;

/// <summary>
/// Brings the kernel to what is wanted and keeps it there. One caller at a time, but for <see cref="TryReadRulesAsync"/>. After a failure it no longer
/// trusts what it believed: the next attempt starts from what the kernel says.
/// </summary>
internal sealed class Enforcer(IKernel kernel, RenderOptions options)
{
    private Rendering? _wanted;

    // What the kernel holds as far as we did it; null when that must be asked first.
    private KernelState? _believed;
    private volatile Rendering? _inKernel;

    // Sets that no rule names any more; the kernel holds them beside what is believed.
    private PlanStep.DropSets? _unswept;

    // Counts changes of rules from before they begin, so that a reading can tell whether one came between.
    private volatile int _commits;
    private volatile int _verifiedCommits;

    /// <summary>True when the last state that was asked for is in the kernel; true before any was.</summary>
    public bool InSync { get; private set; } = true;

    /// <summary>The rendering whose rules the kernel holds; null while they are changed, and after a failure. May be read by anybody.</summary>
    public Rendering? InKernel => _inKernel;

    /// <summary>True when rules were changed and not yet read back.</summary>
    public bool IsUnverified => InSync && _commits != _verifiedCommits;

    /// <summary>What the kernel is to hold; empty before anything was asked for.</summary>
    public KernelState Wanted => _wanted?.Kernel ?? KernelState.Empty;

    /// <summary>
    /// Returns when the kernel has said that the state is enforced. To be followed by <see cref="SweepAsync"/>, which keeps nobody waiting but the next
    /// change.
    /// </summary>
    /// <exception cref="KernelFailedException">It is not; what was enforced before still is, as far as the failed step left it.</exception>
    public Task EnforceAsync(NodeState state, CancellationToken cancellationToken) => EnforceAsync(state, readBack: false, cancellationToken);

    /// <summary>Drops the sets that are of no use any more, and makes ready for the next change.</summary>
    /// <exception cref="KernelFailedException">They are there still; what is enforced is right.</exception>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (_unswept is { } drop)
        {
            var believed = _believed;
            (_believed, InSync) = (null, false);
            await kernel.RunAsync(drop, cancellationToken);
            (_believed, InSync, _unswept) = (believed, true, null);
        }

        // The order of a change is read from the rules' text, all of it: 2 to 5 ms that the next change of members need not wait for.
        _believed?.ReadAhead();
    }

    /// <summary>Both: the state is in, and nothing else.</summary>
    /// <exception cref="KernelFailedException">It is not; what was enforced before still is, as far as the failed step left it.</exception>
    public async Task ApplyAsync(NodeState state, CancellationToken cancellationToken)
    {
        await EnforceAsync(state, cancellationToken);
        await SweepAsync(cancellationToken);
    }

    /// <summary>As <see cref="EnforceAsync(NodeState, CancellationToken)"/>, but does not rest on the kernel's word: reads the rules that were changed.</summary>
    /// <exception cref="KernelFailedException">The state is not in.</exception>
    public Task EnforceVerifiedAsync(NodeState state, CancellationToken cancellationToken) => EnforceAsync(state, readBack: true, cancellationToken);

    /// <summary>
    /// For a kernel that holds nothing of ours, as after a boot: known endpoints, and what leads to workloads by the options, are cut off by a few rules,
    /// so that nothing passes unjudged while the whole state is being loaded. Does nothing where there is nothing to close.
    /// </summary>
    /// <exception cref="KernelFailedException">It is not closed.</exception>
    public async Task FenceAsync(NodeState state, CancellationToken cancellationToken)
    {
        if (state.Bindings.IsEmpty && options.WorkloadInterfaces.IsEmpty && options.WorkloadBlocks.IsEmpty)
        {
            return;
        }

        // Endpoints whose profiles are not held are denied everything: that is the fence.
        _wanted = Renderer.Render(NodeState.Empty with { NodeAddresses = state.NodeAddresses, Bindings = state.Bindings }, options);
        await BringAsync(_wanted.Kernel, readBack: false, cancellationToken);
        await SweepAsync(cancellationToken);
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

        return await RepairAsync(_wanted.Kernel, cancellationToken);
    }

    /// <summary>The rules as they are, read beside whatever is being done; null when that fails.</summary>
    public async Task<RulesRead?> TryReadRulesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadRulesAsync(cancellationToken);
        }
        catch (KernelFailedException)
        {
            return null;
        }
    }

    /// <summary>Compares what was committed with what is there, puts back what differs and names it.</summary>
    /// <param name="read">Void when rules were changed since; null: they are read now.</param>
    /// <exception cref="KernelFailedException">The kernel refuses, or holds something else than it was given twice.</exception>
    public async Task<ImmutableArray<string>> VerifyAsync(RulesRead? read, CancellationToken cancellationToken)
    {
        if (_wanted is null || !IsUnverified || (read is not null && read.Commits != _commits))
        {
            return [];
        }

        read ??= await ReadRulesAsync(cancellationToken);
        if (read.Differences(_wanted.Kernel).IsEmpty)
        {
            _verifiedCommits = read.Commits;
            return [];
        }

        return await RepairAsync(_wanted.Kernel, cancellationToken);
    }

    private async Task EnforceAsync(NodeState state, bool readBack, CancellationToken cancellationToken)
    {
        _wanted = Renderer.Render(state, options, _wanted);
        await BringAsync(_wanted.Kernel, readBack, cancellationToken);
    }

    private async Task<ImmutableArray<string>> RepairAsync(KernelState wanted, CancellationToken cancellationToken)
    {
        var found = await kernel.ReadAsync(cancellationToken);
        _believed = found;
        await BringAsync(wanted, readBack: true, cancellationToken);
        await SweepAsync(cancellationToken);
        return Differences.Between(found, wanted);
    }

    private async Task BringAsync(KernelState wanted, bool readBack, CancellationToken cancellationToken)
    {
        InSync = false;
        if (_unswept is { } unswept && _believed is not null)
        {
            await kernel.RunAsync(unswept, cancellationToken);
        }

        _unswept = null;
        var plan = Planner.Between(_believed ?? await kernel.ReadAsync(cancellationToken), wanted);
        _believed = null;
        var touchesRules = plan.Steps.Any(s => s is PlanStep.ChangeRules);
        if (touchesRules)
        {
            _inKernel = null;
            _commits++;
        }

        // What is dropped at the end is of no use already.
        _unswept = plan.Steps.LastOrDefault() as PlanStep.DropSets;
        foreach (var step in _unswept is null ? plan.Steps : plan.Steps.RemoveAt(plan.Steps.Length - 1))
        {
            await kernel.RunAsync(step, cancellationToken);
        }

        // Of members the kernel has said that they are in; rules a tool has translated, and what became of them is read back, now or soon.
        if (touchesRules && readBack)
        {
            await ReadBackAsync(wanted, cancellationToken);
        }

        _believed = wanted;
        _inKernel = _wanted;
        InSync = true;
    }

    private async Task ReadBackAsync(KernelState wanted, CancellationToken cancellationToken)
    {
        var read = await ReadRulesAsync(cancellationToken);
        if (read.Differences(wanted) is { IsEmpty: false } differences)
        {
            throw new KernelMismatchException(differences);
        }

        _verifiedCommits = read.Commits;
    }

    private async Task<RulesRead> ReadRulesAsync(CancellationToken cancellationToken)
    {
        var commits = _commits;
        var v4 = kernel.ReadRulesAsync(IpFamily.V4, cancellationToken);
        var v6 = kernel.ReadRulesAsync(IpFamily.V6, cancellationToken);
        return new RulesRead(commits, await v4, await v6);
    }

    private async Task<bool> LooksRightAsync(KernelState wanted, bool everyMember, CancellationToken cancellationToken)
    {
        // The tools run while the sets are compared.
        var rules = ReadRulesAsync(cancellationToken);
        var sets = everyMember ? kernel.HoldsAsync(wanted.Sets, cancellationToken) : CountsHoldAsync(wanted, cancellationToken);
        return (await rules).Differences(wanted).IsEmpty && await sets;
    }

    private async Task<bool> CountsHoldAsync(KernelState wanted, CancellationToken cancellationToken)
    {
        var counts = await kernel.CountMembersAsync(cancellationToken);
        return counts.Count == wanted.Sets.Count && wanted.Sets.Values.All(s => counts.TryGetValue(s.Name, out var count) && count == s.Members.Count);
    }
}
