using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Vallum.Contracts.Agent.V1;
using Vallum.Dataplane.Counting;
using Vallum.NodeAgent.Connection;
using Vallum.NodeAgent.Counters;
using Vallum.NodeAgent.Kernel;
using Vallum.NodeAgent.Reporting;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Tests.Wire;

/// <summary>An agent in this process, from its state directory up, with the real stream to a silo.</summary>
internal sealed class RunningAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private RunningAgent(Agent agent) => Agent = agent;

    public Agent Agent { get; }

    public static async Task<RunningAgent> StartAsync(AgentOptions options, IKernel kernel)
    {
        var agent = new Agent(options, kernel, TimeProvider.System, NullLogger.Instance);
        var running = new RunningAgent(agent);
        await agent.StartAsync(CancellationToken.None);
        var hello = new Hello { Node = options.Node, InstanceId = StateDirectory.InstanceId(options.InstancePath) };
        var streams = new AgentStreams(agent, hello, null, NullLogger.Instance);
        var loop = new ControlPlaneLoop(options.Node, options.Servers, streams, TimeProvider.System, new Random(1), NullLogger.Instance);
        var maintenance = new Maintenance(agent, options, TimeProvider.System, NullLogger.Instance);
        var reports = new ReportLoop(
            agent, new CounterLoop(agent, new NoCounters(), options, TimeProvider.System, NullLogger.Instance), new FlowBacklog(), TimeProvider.System);
        running._running = Task.WhenAll(
            loop.RunAsync(running._stop.Token),
            maintenance.RunAsync(running._stop.Token),
            reports.RunAsync(running._stop.Token),
            agent.VerifyCommitsAsync(running._stop.Token));
        return running;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Agent.Dispose();
        _stop.Dispose();
    }
}

/// <summary>The fake kernel counts nothing, and nobody reads it.</summary>
internal sealed class NoCounters : ICounterSource
{
    public Task<ImmutableDictionary<string, ImmutableArray<Counter>>> ReadAsync(IpFamily family, CancellationToken cancellationToken) =>
        Task.FromResult(ImmutableDictionary<string, ImmutableArray<Counter>>.Empty);
}

/// <summary>A directory that goes when the test does.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vallum-agent-").FullName;

    public AgentOptions Options(params Uri[] servers) => new()
    {
        Node = "n1",
        Servers = [.. servers],
        StateDirectory = Path,
        CheckInterval = TimeSpan.Zero,
    };

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

internal static class ToldByHand
{
    /// <summary>Gives the agent one update, as its parts, and returns what it says when the rules are read back too.</summary>
    public static async Task<ImmutableArray<AgentMessage>> TakeAsync(this Agent agent, IReadOnlyList<Update> parts, CancellationToken cancellationToken)
    {
        var answers = ImmutableArray.CreateBuilder<AgentMessage>();
        await agent.TakeAsync([parts], answers.Add, cancellationToken);
        await agent.VerifyAsync(cancellationToken);
        return answers.ToImmutable();
    }
}
