using System.Diagnostics;
using Vallum.NodeAgent.Kernel;
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

    public ToolKernel Kernel(IptablesFlavour flavour) => new(Processes, new Toolset(flavour));

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
