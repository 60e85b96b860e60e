using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Parsing;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

/// <summary>The kernel behind ipset and iptables: one process per step.</summary>
internal sealed class ToolKernel(ProcessRunner processes, Toolset tools) : IKernel
{
    // Seconds to wait for the lock that iptables-legacy holds during a change; nf_tables has none and takes the option.
    private const string LockSeconds = "30";

    private const int DropAttempts = 6;

    private static readonly TimeSpan BetweenDrops = TimeSpan.FromMilliseconds(20);

    public async Task<KernelState> ReadAsync(CancellationToken cancellationToken)
    {
        var sets = RunAsync(new Invocation("ipset", ["save"]), cancellationToken);
        var v4 = ReadRulesAsync(IpFamily.V4, cancellationToken);
        var v6 = ReadRulesAsync(IpFamily.V6, cancellationToken);
        return new KernelState(SavedSets.Parse(await sets), await v4, await v6);
    }

    public async Task<RuleTable> ReadRulesAsync(IpFamily family, CancellationToken cancellationToken) =>
        SavedRules.Parse(await RunAsync(new Invocation(tools.Save(family), ["-t", "filter"]), cancellationToken));

    public async Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken) =>
        SavedSets.ParseCounts(await RunAsync(new Invocation("ipset", ["list", "-terse"]), cancellationToken));

    public Task RunAsync(PlanStep step, CancellationToken cancellationToken) => step switch
    {
        // -exist: a step that failed half-way can be run again.
        PlanStep.ChangeSets sets =>
            RunAsync(new Invocation("ipset", ["restore", "-exist"], SetOperation.RestoreText(sets.Operations)), cancellationToken),
        PlanStep.ChangeRules rules =>
            RunAsync(new Invocation(tools.Restore(rules.Family), ["--noflush", "-w", LockSeconds], rules.Text), cancellationToken),
        PlanStep.DropSets drop => DropAsync(drop.Names, cancellationToken),
        _ => throw new InvalidOperationException($"unknown step {step}"),
    };

    /// <summary>
    /// A set outlives the rules that named it by a grace period of the kernel. One that is still in use after some tries is left for the next check.
    /// </summary>
    private async Task DropAsync(ImmutableArray<string> names, CancellationToken cancellationToken)
    {
        var left = names;
        for (var attempt = 1; !left.IsEmpty; attempt++)
        {
            try
            {
                await RunAsync(new Invocation("ipset", ["restore"], string.Concat(left.Select(n => $"destroy {n}\n"))), cancellationToken);
                return;
            }
            catch (CommandFailedException e) when (IsInUse(e) && attempt < DropAttempts)
            {
                await Task.Delay(BetweenDrops, cancellationToken);
                var there = await CountMembersAsync(cancellationToken);
                left = [.. left.Where(there.ContainsKey)];
            }
            catch (CommandFailedException e) when (IsInUse(e))
            {
                return;
            }
        }
    }

    private static bool IsInUse(CommandFailedException failure) => failure.Error.Contains("in use", StringComparison.Ordinal);

    private Task<string> RunAsync(Invocation invocation, CancellationToken cancellationToken) => processes.RunAsync(invocation, cancellationToken);
}
