using System.Collections.Immutable;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Load.HotTenants;

/// <summary>Agents without a kernel, some hundred streams on a connection.</summary>
internal sealed class HotFleet : IAsyncDisposable
{
    private const int StreamsOfConnection = 400;

    private readonly CancellationTokenSource _leaving = new();
    private readonly ImmutableArray<InMemoryAgent> _agents;
    private readonly List<GrpcChannel> _channels = [];
    private readonly List<Task> _running = [];

    private HotFleet(IEnumerable<string> nodes) => _agents = [.. nodes.Select(node => new InMemoryAgent(node))];

    public int Faults => _agents.Sum(agent => agent.Faults.Count);

    public static HotFleet Connect(string address, IEnumerable<string> nodes)
    {
        var fleet = new HotFleet(nodes);
        foreach (var agents in fleet._agents.Chunk(StreamsOfConnection))
        {
            var channel = GrpcChannel.ForAddress(address);
            fleet._channels.Add(channel);
            fleet._running.AddRange(agents.Select(agent => fleet.RunAsync(agent, channel)));
        }

        return fleet;
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _channels.ForEach(channel => channel.Dispose());
        _leaving.Dispose();
    }

    private async Task RunAsync(InMemoryAgent agent, GrpcChannel channel)
    {
        using var call = new AgentService.AgentServiceClient(channel).Connect(cancellationToken: _leaving.Token);
        await agent.RunAsync(message => call.RequestStream.WriteAsync(message, _leaving.Token), call.ResponseStream.ReadAllAsync(_leaving.Token), _leaving.Token);
    }
}
