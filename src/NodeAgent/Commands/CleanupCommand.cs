using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
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
        IptablesFlavour[] flavours = flavour is { } one ? [one] : await Backend.UsableAsync(processes, cancellationToken);
        try
        {
            // Rules first, everywhere: a set that a rule of the other flavour names cannot go.
            foreach (var each in flavours)
            {
                await SweepAsync(new NodeKernel(new ToolSets(processes), new ToolRules(processes, new Toolset(each))), setsToo: each == flavours[^1], cancellationToken);
            }

            return ExitCode.Ok;
        }
        catch (KernelFailedException e)
        {
            await Console.Error.WriteLineAsync($"error: {e.Message}");
            return ExitCode.Internal;
        }
    }

    private static async Task SweepAsync(NodeKernel kernel, bool setsToo, CancellationToken cancellationToken)
    {
        var found = await kernel.ReadAsync(cancellationToken);
        var wanted = setsToo ? KernelState.Empty : KernelState.Empty with { Sets = found.Sets };
        foreach (var step in Planner.Between(found, wanted).Steps)
        {
            await kernel.RunAsync(step, cancellationToken);
        }
    }
}
