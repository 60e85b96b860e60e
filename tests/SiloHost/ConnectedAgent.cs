using Grpc.Core;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;

namespace Vallum.SiloHost;

/// <summary>An agent without a kernel, with its stream to a silo open.</summary>
public sealed class ConnectedAgent : IAsyncDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly TaskCompletionSource<Func<AgentMessage, Task>> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;

    private ConnectedAgent(InMemoryAgent agent, ChannelBase channel)
    {
        Agent = agent;
        _running = RunAsync(channel);
    }

    public InMemoryAgent Agent { get; }

    public static ConnectedAgent To(TestSilo silo, string node) => To(silo, new InMemoryAgent(node));

    public static ConnectedAgent To(TestSilo silo, InMemoryAgent agent) => new(agent, silo.Channel);

    public async Task ReportAsync(NodeReport report)
    {
        var send = await _open.Task;
        await send(new AgentMessage { Report = report });
    }

    /// <summary>Ends the stream.</summary>
    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _running;
        _leaving.Dispose();
        _writing.Dispose();
    }

    private async Task RunAsync(ChannelBase channel)
    {
        using var call = new AgentService.AgentServiceClient(channel).Connect(cancellationToken: _leaving.Token);
        try
        {
            await Agent.RunAsync(SendAsync, call.ResponseStream.ReadAllAsync(_leaving.Token), _leaving.Token);
        }
        catch (Exception exception) when (_leaving.IsCancellationRequested && exception is RpcException or OperationCanceledException)
        {
            // It was told to leave.
        }

        async Task SendAsync(AgentMessage message)
        {
            await _writing.WaitAsync(_leaving.Token);
            try
            {
                await call.RequestStream.WriteAsync(message, _leaving.Token);
            }
            finally
            {
                _writing.Release();
            }

            // Its first is the hello, and nothing may come before that.
            _open.TrySetResult(SendAsync);
        }
    }
}
