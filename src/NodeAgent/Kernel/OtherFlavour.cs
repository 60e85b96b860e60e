using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Vallum.Dataplane.Kernel;
using Vallum.Dataplane.Planning;
using Vallum.NodeAgent.Processes;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Kernel;

/// <summary>
/// Rules that an earlier run left with another flavour of iptables. They are in force beside ours, and a drop in either is final: they go as soon as
/// ours are in, and not before.
/// </summary>
internal sealed class OtherFlavour(ProcessRunner processes, Toolset chosen, ImmutableArray<Toolset> left, ILogger logger)
{
    private ImmutableArray<Toolset> _left = left;

    /// <summary>Removes what is left; does nothing when that is done. A failure is logged, and the next call tries again.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        foreach (var tools in _left)
        {
            try
            {
                await RemoveRulesAsync(processes, tools, cancellationToken);
                _left = _left.Remove(tools);
                AgentLog.Swept(logger, tools, chosen);
            }
            catch (CommandFailedException e)
            {
                AgentLog.NotSwept(logger, tools, chosen, e.Message);
            }
        }
    }

    /// <summary>Takes our rules out of one flavour. Sets stay: they belong to all.</summary>
    public static async Task RemoveRulesAsync(ProcessRunner processes, Toolset tools, CancellationToken cancellationToken)
    {
        var rules = new ToolRules(processes, tools);
        var there = KernelState.Empty with
        {
            V4 = await rules.ReadAsync(IpFamily.V4, cancellationToken),
            V6 = await rules.ReadAsync(IpFamily.V6, cancellationToken),
        };
        foreach (var step in Planner.Between(there, KernelState.Empty).Steps.OfType<PlanStep.ChangeRules>())
        {
            await rules.ChangeAsync(step.Family, step.Text, cancellationToken);
        }
    }
}
