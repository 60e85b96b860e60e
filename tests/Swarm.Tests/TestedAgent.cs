using System.Net;
using Vallum.Agents;
using Vallum.SiloHost;

namespace Vallum.Swarm.Tests;

/// <summary>One agent with its stream to a silo, of whatever make.</summary>
public abstract class TestedAgent : IAsyncDisposable
{
    public abstract AgentState State { get; }

    public abstract int Updates { get; }

    public abstract int Received { get; }

    public abstract int Wholes { get; }

    public abstract int Asked { get; }

    public abstract IReadOnlyCollection<string> Faults { get; }

    /// <summary>Its stream is over; what it holds it keeps.</summary>
    public abstract Task LeaveAsync();

    public abstract void Return();

    public abstract ValueTask DisposeAsync();
}

/// <summary>The agent of the other tests, over gRPC's own client.</summary>
internal sealed class PlainAgent : TestedAgent
{
    private readonly TestSilo _silo;
    private readonly InMemoryAgent _agent;
    private ConnectedAgent? _connected;

    public PlainAgent(TestSilo silo, string node)
    {
        (_silo, _agent) = (silo, new InMemoryAgent(node));
        Return();
    }

    public override AgentState State => _agent.State;

    public override int Updates => _agent.Updates;

    public override int Received => _agent.Received;

    public override int Wholes => _agent.Wholes;

    public override int Asked => _agent.Asked;

    public override IReadOnlyCollection<string> Faults => _agent.Faults;

    public override async Task LeaveAsync()
    {
        await _connected!.DisposeAsync();
        _connected = null;
    }

    public override void Return() => _connected = ConnectedAgent.To(_silo, _agent);

    public override async ValueTask DisposeAsync()
    {
        if (_connected is not null)
        {
            await LeaveAsync();
        }
    }
}

/// <summary>One of a swarm.</summary>
internal sealed class SwarmingAgent(TestSilo silo, string node, SwarmOptions options) : TestedAgent
{
    private readonly Swarm _swarm = Swarm.Connect(options with { Servers = [IPEndPoint.Parse(new Uri(silo.Address).Authority)] }, [node]);

    private SwarmAgent Agent => _swarm.Agents[0];

    public override AgentState State => Agent.State.ToAgentState();

    public override int Updates => Agent.Updates;

    public override int Received => Agent.Received;

    public override int Wholes => Agent.Wholes;

    public override int Asked => Agent.Asked;

    public override IReadOnlyCollection<string> Faults => _swarm.Faults;

    public override Task LeaveAsync()
    {
        Agent.Hang();
        return Task.CompletedTask;
    }

    public override void Return()
    {
        // It comes by itself, after a part of what its options say.
    }

    public override ValueTask DisposeAsync() => _swarm.DisposeAsync();
}
