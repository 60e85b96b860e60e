using System.Text;
using Vallum.Lab;

namespace Vallum.EndToEnd.Tests.Running;

/// <summary>What a failure shows: the last words of the processes, and what the kernels hold.</summary>
internal static class Evidence
{
    public static async Task<string> OfAsync(RunningCluster cluster, IEnumerable<string> nodes)
    {
        var text = new StringBuilder();
        text.AppendLine("── silo").AppendLine(cluster.Silo.Output);
        foreach (var node in nodes)
        {
            text.AppendLine($"── agent of {node}").AppendLine(cluster.Agents.TryGetValue(node, out var agent) ? agent.Output : "none");
            text.AppendLine($"── iptables-save on {node}").AppendLine(await KernelAsync(cluster.Lab, node, "iptables-save"));
            text.AppendLine($"── ip6tables-save on {node}").AppendLine(await KernelAsync(cluster.Lab, node, "ip6tables-save"));
            text.AppendLine($"── ipset save on {node}").AppendLine(await KernelAsync(cluster.Lab, node, "ipset", "save"));
        }

        return text.ToString();
    }

    private static async Task<string> KernelAsync(PacketLab lab, string node, string program, params string[] arguments)
    {
        try
        {
            return (await lab.RunAsync(node, program, arguments)).Trim();
        }
        catch (CommandFailedException failure)
        {
            return failure.Message;
        }
    }
}
