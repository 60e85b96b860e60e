using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;

namespace Vallum.SiloHost;

/// <summary>An agent without a kernel that keeps a stream to some silo, and goes where it is sent.</summary>
public sealed class RovingAgent : IAsyncDisposable
{
    private static readonly TimeSpan BeforeTheNext = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _leaving = new();
    private readonly Task _running;

    private RovingAgent(string node, string address)
    {
        Agent = new InMemoryAgent(node) { Moves = true };
        _running = RunAsync(address);
    }

    public InMemoryAgent Agent { get; }

    public static RovingAgent Start(string node, string address) => new(node, address);

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _running;
        _leaving.Dispose();
    }

    private async Task RunAsync(string first)
    {
        var address = first;
        while (!_leaving.IsCancellationRequested)
        {
            try
            {
                await ConnectAsync(address);
                address = Agent.SentTo ?? first;
            }
            catch (Exception exception) when (exception is RpcException or OperationCanceledException or InvalidOperationException)
            {
                address = first;
                await Task.Delay(BeforeTheNext, CancellationToken.None);
            }
        }
    }

    private async Task ConnectAsync(string address)
    {
        using var channel = GrpcChannel.ForAddress(address);
        using var call = new AgentService.AgentServiceClient(channel).Connect(cancellationToken: _leaving.Token);
        await Agent.RunAsync(message => call.RequestStream.WriteAsync(message, _leaving.Token), call.ResponseStream.ReadAllAsync(_leaving.Token), _leaving.Token);
    }
}
