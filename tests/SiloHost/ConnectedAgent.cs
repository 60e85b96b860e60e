using Grpc.Core;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;

namespace Vallum.SiloHost;

/// <summary>An agent without a kernel, with its stream to a silo open.</summary>
public sealed class ConnectedAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly Task _running;

    private ConnectedAgent(InMemoryAgent agent, ChannelBase channel)
    {
        Agent = agent;
        _running = RunAsync(channel);
    }

    public InMemoryAgent Agent { get; }

    public static ConnectedAgent To(TestSilo silo, string node) => To(silo, new InMemoryAgent(node));

    public static ConnectedAgent To(TestSilo silo, InMemoryAgent agent) => new(agent, silo.Channel);

    /// <summary>Ends the stream.</summary>
    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _running;
        _leaving.Dispose();
    }

    private async Task RunAsync(ChannelBase channel)
    {
        using var call = new AgentService.AgentServiceClient(channel).Connect(cancellationToken: _leaving.Token);
        try
        {
            await Agent.RunAsync(
                message => call.RequestStream.WriteAsync(message, _leaving.Token), call.ResponseStream.ReadAllAsync(_leaving.Token), _leaving.Token);
        }
        catch (Exception exception) when (_leaving.IsCancellationRequested && exception is RpcException or OperationCanceledException)
        {
            // It was told to leave.
        }
    }
}
