using System.Diagnostics;
using System.Text;
using Vallum.Dataplane.Model;
using Vallum.NodeAgent.Held;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Dataplane.Packets.Tests.Agents;

/// <summary>A vallum-agent that starts from what a state directory holds, in a namespace, with no control plane to be found.</summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _enforced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AgentProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Puts the state into the directory, as an agent that has been told it leaves it there.</summary>
    public static void Write(string directory, NodeState state, string node)
    {
        Directory.CreateDirectory(directory);
        using var log = StateLog.Open(Path.Combine(directory, "held.log"), _ => throw new InvalidOperationException($"{directory} is in use"));
        log.Append([WireWords.Snapshot(state, node)]);
    }

    public static AgentProcess Start(string space, string directory, string node, IptablesFlavour flavour) => new(Process.Start(
        new ProcessStartInfo("ip", [
            "netns", "exec", space, Path.Combine(AppContext.BaseDirectory, "vallum-agent"), "run", "--node", node, "--server", "http://127.0.0.1:1",
            "--state-dir", directory, "--workload-interface", "veth-+", "--iptables", flavour == IptablesFlavour.Legacy ? "legacy" : "nft",
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!);

    /// <summary>Returns when the agent says that the state is in the kernel.</summary>
    /// <exception cref="TimeoutException">It did not; the message is what it said instead.</exception>
    public async Task EnforcedAsync()
    {
        try
        {
            await _enforced.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the agent enforces nothing and says: {Said()}");
        }
    }

    /// <summary>kill -9, and the tools that it runs at that moment with it: the processes of a service are one group (systemd.kill(5)).</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>All that it has written so far.</summary>
    public string Said()
    {
        lock (_said)
        {
            return _said.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }

        if (line?.Contains("are enforced after", StringComparison.Ordinal) == true)
        {
            _enforced.TrySetResult();
        }
    }
}
