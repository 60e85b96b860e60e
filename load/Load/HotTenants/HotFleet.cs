using System.Collections.Immutable;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Load.HotTenants;

/// <summary>Agents without a kernel, some hundred streams on a connection.</summary>
internal sealed class HotFleet : IAsyncDisposable
{
    private const int StreamsOfConnection = 400;

    private readonly CancellationTokenSource _leaving = new();
    private readonly List<GrpcChannel> _channels = [];
    private readonly List<Task> _running = [];

    private HotFleet(IEnumerable<string> nodes, Arrivals arrivals) => Agents = [.. nodes.Select(node => new HotAgent(node, arrivals.Took))];

    public ImmutableArray<HotAgent> Agents { get; }

    public int Faults => Agents.Sum(agent => agent.Faults);

    public static HotFleet Connect(IReadOnlyList<string> addresses, IEnumerable<string> nodes, Arrivals arrivals)
    {
        var fleet = new HotFleet(nodes, arrivals);
        var shares = fleet.Agents.Index().GroupBy(one => addresses[one.Index % addresses.Count], one => one.Item);
        foreach (var (address, agents) in shares.SelectMany(share => share.Chunk(StreamsOfConnection).Select(chunk => (share.Key, chunk))))
        {
            var channel = GrpcChannel.ForAddress(address);
            fleet._channels.Add(channel);
            fleet._running.AddRange(agents.Select(agent => fleet.RunAsync(agent, channel)));
        }

        return fleet;
    }

    /// <exception cref="RpcException">A stream was ended by the silo.</exception>
    public async Task StopAsync()
    {
        await _leaving.CancelAsync();
        await Task.WhenAll(_running);
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _channels.ForEach(channel => channel.Dispose());
        _leaving.Dispose();
    }

    private async Task RunAsync(HotAgent agent, GrpcChannel channel)
    {
        using var call = new AgentService.AgentServiceClient(channel).Connect(cancellationToken: _leaving.Token);
        try
        {
            await call.RequestStream.WriteAsync(new AgentMessage { Hello = agent.Hello() }, _leaving.Token);
            await foreach (var message in call.ResponseStream.ReadAllAsync(_leaving.Token))
            {
                if (agent.Take(message) is { } answer)
                {
                    await call.RequestStream.WriteAsync(answer, _leaving.Token);
                }
            }
        }
        catch (Exception) when (_leaving.IsCancellationRequested)
        {
            // Cancelled, or RpcException with Cancelled: as it was asked.
        }
    }
}
