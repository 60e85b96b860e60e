using System.Diagnostics;
using System.Globalization;
using Vallum.Load.Dataplane.Testbed;
using Vallum.Load.Measuring;
using Vallum.Load.Running;
using Vallum.NodeAgent.Kernel;

namespace Vallum.Load.Dataplane.Updates;

/// <summary>The agent as a program of its own, started on a state directory, without a control plane: until it enforces, and what it takes when idle.</summary>
internal sealed class AgentStarts(Router router, IptablesFlavour flavour, string stateDirectory, int starts)
{
    private const string Enforced = "are enforced after";

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(3);

    public async Task<StartFigures> MeasureAsync(int members, CancellationToken cancellationToken)
    {
        var present = new List<double>();
        var absent = new List<double>();
        var kilobytes = 0L;
        for (var time = 0; time < starts; time++)
        {
            var (duration, resident) = await StartAsync(time == 0 ? Idle : TimeSpan.Zero, cancellationToken);
            present.Add(duration);
            kilobytes = Math.Max(kilobytes, resident);
            await router.RunAsync(Programs.Agent, ["cleanup", "--state-dir", stateDirectory], "", cancellationToken);
            absent.Add((await StartAsync(TimeSpan.Zero, cancellationToken)).Milliseconds);
        }

        return new StartFigures(members, Spread.Of(present), Spread.Of(absent), kilobytes, new FileInfo(Programs.Agent).Length, Programs.IsAgentNative);
    }

    /// <summary>From the start of the process to the line that says so; what stays resident after <paramref name="idle"/>.</summary>
    private async Task<(double Milliseconds, long Kilobytes)> StartAsync(TimeSpan idle, CancellationToken cancellationToken)
    {
        string[] words =
        [
            "netns", "exec", router.Namespace, Programs.Agent, "run",
            "--node", NodeWorld.Node, "--server", "http://127.0.0.1:1", "--state-dir", stateDirectory,
            "--iptables", flavour == IptablesFlavour.Legacy ? "legacy" : "nft", "--workload-interface", "vw+",
        ];
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo("ip", words) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = new List<string>();
        while (await process.StandardError.ReadLineAsync(cancellationToken) is { } line)
        {
            said.Add(line);
            if (line.Contains(Enforced, StringComparison.Ordinal))
            {
                break;
            }
        }

        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (process.HasExited || !said[^1].Contains(Enforced, StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"the agent did not enforce what it held: {string.Join('\n', said)}");
        }

        var rest = process.StandardError.ReadToEndAsync(cancellationToken);
        await Task.Delay(idle, cancellationToken);
        var resident = ResidentKilobytes(process.Id);
        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
        await rest;
        return (elapsed, resident);
    }

    /// <summary>VmRSS of proc(5).</summary>
    private static long ResidentKilobytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}

/// <summary>Of one agent program.</summary>
/// <param name="Present">Milliseconds from the start of the process until it enforces, when the kernel holds all of it.</param>
/// <param name="Absent">The same on a kernel that holds nothing.</param>
internal sealed record StartFigures(int Members, Spread Present, Spread Absent, long ResidentKilobytes, long ProgramBytes, bool IsNative);
