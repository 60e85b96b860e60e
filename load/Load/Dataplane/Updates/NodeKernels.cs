using Microsoft.Extensions.Logging.Abstractions;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Processes;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>The agent's own way to a kernel.</summary>
internal static class NodeKernels
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Of the namespace that this process is in.</summary>
    public static IKernel Open(IptablesFlavour flavour)
    {
        var processes = new ProcessRunner(Patience);
        return new NodeKernel(SetsByWay.Open(SetsWay.Netlink, processes, NullLogger.Instance), new ToolRules(processes, new Toolset(flavour)));
    }
}
