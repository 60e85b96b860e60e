using System.Collections.Immutable;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Parsing;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Processes;

namespace Vallum.NodeAgent.Kernel;

/// <summary>The sets behind ipset, one process per call: for kernels that this agent cannot talk to, and to hold the other way against.</summary>
internal sealed class ToolSets(ProcessRunner processes) : IKernelSets
{
    private const int DropAttempts = 6;

    private static readonly TimeSpan BetweenDrops = TimeSpan.FromMilliseconds(20);

    public async Task<ImmutableSortedDictionary<string, KernelSet>> ReadAsync(CancellationToken cancellationToken) =>
        SavedSets.Parse(await RunAsync("", ["save"], cancellationToken));

    public async Task<ImmutableSortedDictionary<string, int>> CountMembersAsync(CancellationToken cancellationToken) =>
        SavedSets.ParseCounts(await RunAsync("", ["list", "-terse"], cancellationToken));

    public async Task<bool> HoldAsync(ImmutableSortedDictionary<string, KernelSet> wanted, CancellationToken cancellationToken)
    {
        var there = await ReadAsync(cancellationToken);
        return there.Count == wanted.Count && wanted.Values.All(w =>
            there.TryGetValue(w.Name, out var set) && set.Type == w.Type && set.Family == w.Family && set.MaxMembers == w.MaxMembers && set.Members.SetEquals(w.Members));
    }

    // -exist: what failed half-way can be run again.
    public Task ChangeAsync(ImmutableArray<SetOperation> operations, CancellationToken cancellationToken) =>
        RunAsync(SetOperation.RestoreText(operations), ["restore", "-exist"], cancellationToken);

    public async Task DropAsync(ImmutableArray<string> names, CancellationToken cancellationToken)
    {
        var left = names;
        for (var attempt = 1; !left.IsEmpty; attempt++)
        {
            try
            {
                await RunAsync(string.Concat(left.Select(n => $"destroy {n}\n")), ["restore"], cancellationToken);
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

    private Task<string> RunAsync(string input, ImmutableArray<string> arguments, CancellationToken cancellationToken) =>
        processes.RunAsync(new Invocation("ipset", arguments, input), cancellationToken);
}
