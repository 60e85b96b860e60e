using System.Runtime.CompilerServices;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Agents;

namespace Vallum.Upgrade;

/// <summary>An agent without a kernel that keeps a stream to some silo, checks what it is sent, and counts what it was sent in vain.</summary>
internal sealed class WatchedAgent : IAsyncDisposable
{
    private static readonly TimeSpan BeforeTheNext = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _leaving = new();
    private readonly bool _saysLevels;
    private readonly Task _running;

    /// <param name="saysLevels">Its Hello is of this build; otherwise as it was before levels were said.</param>
    public WatchedAgent(string node, IReadOnlyList<string> servers, bool saysLevels)
    {
        (Agent, _saysLevels) = (new InMemoryAgent(node) { Moves = saysLevels }, saysLevels);
        _running = RunAsync(servers);
    }

    public InMemoryAgent Agent { get; }

    /// <summary>Resources that came whole though the agent held the very same.</summary>
    public int SentInVain { get; private set; }

    /// <summary>Names of the endpoints that the agent holds, "tenant/name".</summary>
    public IEnumerable<string> Endpoints =>
        from resource in Agent.State.Resources.Values
        where resource.Kind == ResourceKind.Binding
        from entry in resource.Entries
        select BindingEntry.Parser.ParseFrom(entry).Endpoint;

    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        await _running;
        _leaving.Dispose();
    }

    private async Task RunAsync(IReadOnlyList<string> servers)
    {
        for (var attempt = 0; !_leaving.IsCancellationRequested; attempt++)
        {
            try
            {
                await ConnectAsync(Agent.SentTo ?? servers[attempt % servers.Count]);
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or InvalidOperationException or HttpRequestException)
            {
                // The silo goes, or is not there yet: the next one.
            }

            await Task.Delay(BeforeTheNext, CancellationToken.None);
        }
    }

    private async Task ConnectAsync(string server)
    {
        using var channel = GrpcChannel.ForAddress(server);
        using var call = new AgentService.AgentServiceClient(channel).Connect(cancellationToken: _leaving.Token);
        await Agent.RunAsync(
            message => call.RequestStream.WriteAsync(message.BodyCase == AgentMessage.BodyOneofCase.Hello && _saysLevels ? WithLevels(message) : message, _leaving.Token),
            Counted(call.ResponseStream.ReadAllAsync(_leaving.Token)),
            _leaving.Token);
    }

    private static AgentMessage WithLevels(AgentMessage hello)
    {
        (hello.Hello.OldestProtocol, hello.Hello.NewestProtocol) = (ProtocolLevels.Own.Oldest, ProtocolLevels.Own.Newest);
        return hello;
    }

    private async IAsyncEnumerable<ControlMessage> Counted(IAsyncEnumerable<ControlMessage> received, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var message in received.WithCancellation(cancellationToken))
        {
            SentInVain += message.Update?.Resources.Count(sent => sent.Whole is not null && Holds(sent)) ?? 0;
            yield return message;
        }
    }

    private bool Holds(Resource sent) =>
        Agent.State.Resources.TryGetValue((sent.Kind, sent.Name), out var held) && held.Digest.ToBytes().AsSpan().SequenceEqual(sent.Digest.Span);
}
