using System.Collections.Immutable;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;
using Vallum.Scenarios.Grounds;

namespace Vallum.Scenarios.Worlds;

/// <summary>Agents without a kernel, in this process, each with a stream that it opens anew when it ends.</summary>
internal sealed class Followers : IAsyncDisposable
{
    private const int StreamsOfConnection = 50;

    private static readonly TimeSpan BeforeTheNext = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _leaving = new();
    private readonly List<GrpcChannel> _channels = [];
    private readonly List<Task> _running = [];

    private Followers(IEnumerable<string> nodes) => Agents = [.. nodes.Select(node => new InMemoryAgent(node))];

    public ImmutableArray<InMemoryAgent> Agents { get; }

    /// <summary>Promises of the protocol that were not kept.</summary>
    public IEnumerable<string> Faults => Agents.SelectMany(agent => agent.Faults.ToList().Select(fault => $"node {agent.Node}: {fault}"));

    public static Followers Connect(Ground ground, IEnumerable<string> nodes)
    {
        var followers = new Followers(nodes);
        // Enough that the agents of each silo share some.
        var connections = ground.Silos.Length * ((followers.Agents.Length + StreamsOfConnection - 1) / StreamsOfConnection);
        followers._channels.AddRange(Enumerable.Range(0, connections).Select(ground.Open));
        followers._running.AddRange(followers.Agents.Select((agent, number) => followers.FollowAsync(agent, number)));
        return followers;
    }

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await Task.WhenAll(_running);
        _channels.ForEach(channel => channel.Dispose());
        _leaving.Dispose();
    }

    private async Task FollowAsync(InMemoryAgent agent, int number)
    {
        for (var attempt = number; !_leaving.IsCancellationRequested; attempt++)
        {
            try
            {
                using var call = new AgentService.AgentServiceClient(_channels[attempt % _channels.Count]).Connect(cancellationToken: _leaving.Token);
                await agent.RunAsync(message => call.RequestStream.WriteAsync(message, _leaving.Token), call.ResponseStream.ReadAllAsync(_leaving.Token), _leaving.Token);
            }
            catch (Exception exception) when (exception is RpcException or OperationCanceledException or InvalidOperationException)
            {
                // The silo has gone, or this run ends.
            }

            await Task.Delay(BeforeTheNext, _leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
