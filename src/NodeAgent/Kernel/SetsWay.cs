using Microsoft.Extensions.Logging;
using Vallum.NodeAgent.Kernel.Ipset;
using Vallum.NodeAgent.Processes;

namespace Vallum.NodeAgent.Kernel;

/// <summary>How the kernel's sets are reached.</summary>
internal enum SetsWay
{
    /// <summary>By netlink where that works, else with ipset.</summary>
    Auto,
    Netlink,
    Tools,
}

internal static class SetsByWay
{
    /// <exception cref="KernelFailedException">Netlink was asked for and cannot be had.</exception>
    public static IKernelSets Open(SetsWay way, ProcessRunner processes, ILogger logger)
    {
        if (way == SetsWay.Tools)
        {
            return new ToolSets(processes);
        }

        try
        {
            return NetlinkSets.Open();
        }
        catch (KernelFailedException e) when (way == SetsWay.Auto)
        {
            AgentLog.SetsByTools(logger, e.Message);
            return new ToolSets(processes);
        }
    }
}
