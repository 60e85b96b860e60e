using System.Collections.Immutable;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;

namespace Vallum.NodeAgent.Commands;

/// <summary>
/// Takes everything of ours out of both families, and of both flavours of iptables where both are here: an agent may have run with either. The state
/// directory stays; an agent that is still running would put everything back.
/// </summary>
internal static class CleanupCommand
{
    public static Task<int> RunAsync(IptablesFlavour? flavour, CancellationToken cancellationToken) =>
        RunAsync(new ProcessRunner(TimeSpan.FromSeconds(60)), flavour, cancellationToken);

    internal static async Task<int> RunAsync(ProcessRunner processes, IptablesFlavour? flavour, CancellationToken cancellationToken)
    {
        ImmutableArray<Toolset> flavours = flavour is { } one
            ? [new Toolset(one)]
            : [.. (await Backend.SurveyAsync(processes, cancellationToken)).Select(f => f.Tools)];
        try
        {
            // Rules first, everywhere: a set that a rule of the other flavour names cannot go.
            foreach (var each in flavours)
            {
                await OtherFlavour.RemoveRulesAsync(processes, each, cancellationToken);
            }

            await RemoveSetsAsync(new ToolSets(processes), cancellationToken);
            return ExitCode.Ok;
        }
        catch (KernelFailedException e)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return ExitCode.Internal;
        }
    }

    private static async Task RemoveSetsAsync(ToolSets sets, CancellationToken cancellationToken) =>
        await sets.DropAsync([.. (await sets.CountMembersAsync(cancellationToken)).Keys], cancellationToken);
}
