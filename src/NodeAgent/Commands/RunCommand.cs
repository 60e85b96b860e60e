using Microsoft.Extensions.Logging;
using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Connection;
using Vallum.NodeAgent.Conntrack;
using Vallum.NodeAgent.Counters;
using Vallum.NodeAgent.Held;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.PacketLog;
using Vallum.NodeAgent.Processes;
using Vallum.NodeAgent.Reporting;

namespace Vallum.NodeAgent.Commands;

internal static class RunCommand
{
    public static async Task<int> RunAsync(AgentOptions options, IptablesFlavour? flavour, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.StateDirectory);
        using var owned = StateDirectory.TryOwn(options.LockPath);
        if (owned is null)
        {
            await Console.Error.WriteLineAsync($"error: another agent uses {options.StateDirectory}");
            return ExitCode.Negative;
        }

        var logger = new ConsoleLogger(Console.Error, TimeProvider.System);
        var processes = new ProcessRunner(options.CommandTimeout);

        // What is held is read while the tools are asked.
        using var desired = new DesiredState(options.StateLogPath, logger);
        var opened = Task.Run(desired.Open, CancellationToken.None);
        var survey = await Backend.SurveyAsync(processes, cancellationToken);
        await opened;
        var tools = flavour is { } asked ? new Toolset(asked) : Backend.Choose(survey);
        var sets = SetsByWay.Open(options.Sets, processes, logger);
        using var closing = sets as IDisposable;
        if (Capabilities.Indispensable(sets) is { } lacking)
        {
            await Console.Error.WriteLineAsync($"error: {lacking}");
            return ExitCode.Internal;
        }

        await using var revoker = new Revoker(ConntrackTable.Open, TimeProvider.System, logger);
        var kernel = new NodeKernel(sets, new ToolRules(processes, tools), survey.FirstOrDefault(f => f.Tools == tools)?.Ours);
        using var agent = new Agent(options, kernel, TimeProvider.System, logger, desired: desired)
        {
            Revoker = revoker,
            KernelIsBare = !survey.Any(f => f.HasOurs),
        };
        try
        {
            await agent.StartAsync(cancellationToken);
            var backend = $"{tools} {await Backend.VersionAsync(processes, tools, cancellationToken)}";
            agent.NoteBackend(backend);
            AgentLog.Starts(logger, options.Node, backend, agent.HeldCount);
            var capabilities = await CapabilitiesAsync(agent, sets, processes, tools, logger, cancellationToken);
            var streams = new AgentStreams(agent, Hello(options, backend, capabilities), AgentCredentials.Of(options, logger), logger);
            var loop = new ControlPlaneLoop(options.Node, options.Servers, streams, TimeProvider.System, Random.Shared, logger);
            var other = new OtherFlavour(processes, tools, [.. survey.Where(f => f.HasOurs && f.Tools != tools).Select(f => f.Tools)], logger);
            var maintenance = new Maintenance(agent, options, TimeProvider.System, logger) { WhenEnforced = other.RemoveAsync };
            var counters = new CounterLoop(agent, new ToolCounters(processes, tools), options, TimeProvider.System, logger);
            var backlog = new FlowBacklog();
            var reports = new ReportLoop(agent, counters, backlog, TimeProvider.System);
            using var lines = Lines(options.LogEvents);
            var events = new FlowEvents(
                () => PacketLogSocket.Open((ushort)(options.Render.LogGroup ?? PacketLogSocket.GroupOfRules)),
                new FlowReading(() => agent.State, InterfaceNames.Of, TimeProvider.System), lines, logger);

            // One may listen to a group: somebody else's listener is not displaced where nobody asked for ours.
            IEnumerable<Func<CancellationToken, Task>> listening = options.LogEvents is null && options.Render.LogGroup is null
                ? []
                : [events.RunAsync, token => backlog.FollowAsync(events, token)];
            await RunAllAsync(
                [loop.RunAsync, maintenance.RunAsync, agent.VerifyCommitsAsync, counters.RunAsync, reports.RunAsync, .. listening], cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop. The kernel keeps what it has.
        }

        return ExitCode.Ok;
    }

    /// <summary>All run until they are stopped; when one fails the others are stopped and the failure is the process's.</summary>
    private static async Task RunAllAsync(IEnumerable<Func<CancellationToken, Task>> loops, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var all = loops.Select(run => run(stop.Token)).ToArray();
        var ended = await Task.WhenAny(all);
        await stop.CancelAsync();
        await Task.WhenAll(all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await ended;
    }

    /// <summary>A file is added to, and may be moved away while it is written.</summary>
    private static StreamWriter? Lines(string? path) => path switch
    {
        null => null,
        "-" => new StreamWriter(Console.OpenStandardError()) { AutoFlush = true },
        _ => new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true },
    };

    /// <summary>Asked behind the start: what is held is enforced first, and what the kernel then refuses comes with its own words.</summary>
    private static async Task<Capabilities> CapabilitiesAsync(
        Agent agent, IKernelSets sets, ProcessRunner processes, Toolset tools, ILogger logger, CancellationToken cancellationToken)
    {
        var capabilities = await Capabilities.ProbeAsync(sets, processes, tools, cancellationToken);
        agent.NoteCapabilities(capabilities);
        if (!capabilities.Missing.IsEmpty)
        {
            AgentLog.Lacks(logger, string.Join(' ', capabilities.Missing));
        }

        return capabilities;
    }

    private static Hello Hello(AgentOptions options, string backend, Capabilities capabilities) => new()
    {
        Node = options.Node,
        InstanceId = StateDirectory.InstanceId(options.InstancePath),
        BootId = File.Exists("/proc/sys/kernel/random/boot_id") ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : "",
        AgentVersion = Version.Text,
        Backend = backend,
        Capabilities = { "host-policies", "moves", capabilities.Present },
    };
}
