using System.Net.Security;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Vallum.Contracts.Agent.V1;

namespace Vallum.NodeAgent.Connection;

/// <summary>How a stream ended, when it did not fail.</summary>
/// <param name="ReconnectWithin">The control plane asked to connect elsewhere within this time; null: it just ended.</param>
/// <param name="Server">Where it asked to connect; null: anywhere else.</param>
internal sealed record SessionEnd(TimeSpan? ReconnectWithin, Uri? Server = null);

/// <summary>One stream to one silo, from hello to the end.</summary>
internal sealed class AgentSession(Agent agent, Hello hello, Uri server, SslClientAuthenticationOptions? tls, ILogger logger)
{
    // Updates that may wait while others are applied; a silo that sends more waits with them.
    private const int InboxUpdates = 256;

    // Updates, each as its parts; an empty one asks for what is held, in its turn.
    private readonly Channel<IReadOnlyList<Update>> _inbox =
        Channel.CreateBounded<IReadOnlyList<Update>>(new BoundedChannelOptions(InboxUpdates) { SingleReader = true, SingleWriter = true });

    // Written by whoever sends, where the stream is free: an ack waits for no other thread.
    private readonly Channel<AgentMessage> _outbox =
        Channel.CreateUnbounded<AgentMessage>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    /// <param name="connected">Called when the silo has answered.</param>
    /// <exception cref="RpcException">The stream could not be opened, or broke.</exception>
    public async Task<SessionEnd> RunAsync(System.Action connected, CancellationToken cancellationToken)
    {
        using var channel = SiloChannel.Open(server, tls);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var call = new AgentService.AgentServiceClient(channel).Connect(cancellationToken: stop.Token);
        agent.ForgetNonce();
        hello.HeldDigest = ByteString.CopyFrom(agent.HeldDigest());
        Send(new AgentMessage { Hello = hello });

        // Behind the hello: what others say must not come before it.
        agent.Later += Send;
        try
        {
            var writing = WriteAsync(call.RequestStream, stop.Token);
            var applying = ApplyAsync(stop.Token);
            var end = await ReadWhileAsync(applying, call.ResponseStream, connected, stop.Token);
            _outbox.Writer.TryComplete();
            await writing;
            return end;
        }
        finally
        {
            agent.Later -= Send;
            _outbox.Writer.TryComplete();
            await stop.CancelAsync();
        }
    }

    /// <summary>What came before the end, of whatever kind it is, is still applied.</summary>
    private async Task<SessionEnd> ReadWhileAsync(
        Task applying, IAsyncStreamReader<ControlMessage> messages, System.Action connected, CancellationToken cancellationToken)
    {
        var reading = ReadAsync(messages, connected, cancellationToken);
        if (await Task.WhenAny(reading, applying) == applying)
        {
            // It only ends by itself when it fails.
            await applying;
        }

        _inbox.Writer.TryComplete();
        await applying;
        return await reading;
    }

    private async Task<SessionEnd> ReadAsync(IAsyncStreamReader<ControlMessage> messages, System.Action connected, CancellationToken cancellationToken)
    {
        var parts = new List<Update>();
        var first = true;
        while (await messages.MoveNext(cancellationToken))
        {
            if (first)
            {
                connected();
                first = false;
            }

            var message = messages.Current;
            switch (message.BodyCase)
            {
                case ControlMessage.BodyOneofCase.Update:
                    await ReceiveAsync(message.Update, parts, cancellationToken);
                    break;
                case ControlMessage.BodyOneofCase.ListHeld:
                    await _inbox.Writer.WriteAsync([], cancellationToken);
                    break;
                case ControlMessage.BodyOneofCase.Drain:
                    AgentLog.Drained(logger, server);
                    return Drained(message.Drain);
                default:
                    // A message of a later version that this one may do without.
                    break;
            }
        }

        return new SessionEnd(null);
    }

    /// <summary>Who talks with TLS is not sent where there is none.</summary>
    private SessionEnd Drained(Drain drain) => new(
        drain.ReconnectWithin?.ToTimeSpan() ?? TimeSpan.FromSeconds(1),
        Uri.TryCreate(drain.Server, UriKind.Absolute, out var to) && to.Scheme == server.Scheme ? to : null);

    private async Task ReceiveAsync(Update update, List<Update> parts, CancellationToken cancellationToken)
    {
        if (parts.Count > 0 && parts[0].Nonce != update.Nonce)
        {
            // The rest of the other update never came: what it was part of is void.
            parts.Clear();
        }

        parts.Add(update);
        if (!update.More)
        {
            await _inbox.Writer.WriteAsync([.. parts], cancellationToken);
            parts.Clear();
        }
    }

    /// <summary>What came while an update was applied is applied together.</summary>
    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var updates = new List<IReadOnlyList<Update>>();
        while (await _inbox.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_inbox.Reader.TryPeek(out var next) && next.Count > 0 && _inbox.Reader.TryRead(out next))
            {
                updates.Add(next);
            }

            if (updates.Count > 0)
            {
                await agent.TakeAsync(updates, Send, cancellationToken);
                updates.Clear();
            }
            else if (_inbox.Reader.TryRead(out _))
            {
                Send(new AgentMessage { Held = agent.ListHeld() });
            }
        }
    }

    private void Send(AgentMessage message) => _outbox.Writer.TryWrite(message);

    /// <summary>The only writer of the stream: gRPC allows one message at a time.</summary>
    private async Task WriteAsync(IClientStreamWriter<AgentMessage> stream, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _outbox.Reader.ReadAllAsync(cancellationToken))
            {
                await stream.WriteAsync(message, cancellationToken);
            }

            await stream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or InvalidOperationException)
        {
            // The stream is broken: the reader meets the same end and says why.
        }
    }
}
