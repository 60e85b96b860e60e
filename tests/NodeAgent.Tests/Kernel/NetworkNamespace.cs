using System.Diagnostics;
using Vallum.Lab;
using Vallum.NodeAgent.Conntrack;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Kernel.Ipset;
using Vallum.NodeAgent.Netlink;
using Vallum.NodeAgent.Processes;

namespace Vallum.NodeAgent.Tests.Kernel;

/// <summary>A network namespace of one test's own; the host's rules are never touched. Skips the test, with the reason, where it cannot be made.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private static int _last;

    private readonly string _name;

    private NetworkNamespace(string name) => _name = name;

    public ProcessRunner Processes => new(TimeSpan.FromSeconds(60), "ip", "netns", "exec", _name);

    /// <summary>As the systemd unit runs the agent: root without root's powers, but these (capabilities(7)).</summary>
    public ProcessRunner ProcessesWith(params string[] capabilities) => new(
        TimeSpan.FromSeconds(60),
        "ip", "netns", "exec", _name, "setpriv", $"--bounding-set=-all{string.Concat(capabilities.Select(c => $",+{c}"))}", "--no-new-privs");

    public static NetworkNamespace Create()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            Assert.Skip("needs root for a network namespace");
        }

        var name = $"vagt-{Environment.ProcessId}-{Interlocked.Increment(ref _last)}";
        foreach (var tool in new[] { "ip", "ipset", "iptables-nft-restore", "iptables-legacy-restore" })
        {
            if (!new[] { "/usr/sbin", "/sbin", "/usr/bin", "/bin" }.Any(folder => File.Exists(Path.Combine(folder, tool))))
            {
                Assert.Skip($"needs {tool}");
            }
        }

        if (Run("ip", "netns", "add", name) != 0)
        {
            Assert.Skip("ip netns add fails: no network namespaces here");
        }

        return new NetworkNamespace(name);
    }

    public NodeKernel Kernel(IptablesFlavour flavour) => KernelOf(_name, flavour, Sets());

    public IKernelSets Sets() => Open(_name);

    public ConntrackTable Conntrack() => In(_name, ConntrackTable.Open);

    public NetlinkSocket Netlink() => In(_name, () => NetlinkSocket.Open());

    /// <summary>What is opened in a namespace belongs to it, whoever uses it.</summary>
    public static T In<T>(string name, Func<T> open)
    {
        using var thread = NamespaceThread.EnterAsync(name).GetAwaiter().GetResult();
        return thread.RunAsync(open).GetAwaiter().GetResult();
    }

    /// <summary>The agent's kernel in any namespace, sets by netlink.</summary>
    public static NodeKernel KernelOf(string name, IptablesFlavour flavour) => KernelOf(name, flavour, Open(name));

    private static NodeKernel KernelOf(string name, IptablesFlavour flavour, IKernelSets sets) =>
        new(sets, new ToolRules(new ProcessRunner(TimeSpan.FromSeconds(60), "ip", "netns", "exec", name), new Toolset(flavour)));

    // The socket belongs to the namespace of the thread that opens it, and goes with the test's process.
    private static NetlinkSets Open(string name)
    {
        using var thread = NamespaceThread.EnterAsync(name).GetAwaiter().GetResult();
        return thread.RunAsync(NetlinkSets.Open).GetAwaiter().GetResult();
    }

    public Task<string> RunAsync(string program, params string[] arguments) =>
        Processes.RunAsync(new Invocation(program, [.. arguments]), TestContext.Current.CancellationToken);

    public Task<string> FeedAsync(string input, string program, params string[] arguments) =>
        Processes.RunAsync(new Invocation(program, [.. arguments], input), TestContext.Current.CancellationToken);

    public void Dispose() => Run("ip", "netns", "delete", _name);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
