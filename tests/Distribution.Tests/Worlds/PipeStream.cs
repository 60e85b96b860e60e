using System.Threading.Channels;
using Vallum.Agents;
using Vallum.Contracts.Agent.V1;
using Vallum.Silo.Distribution.Sessions;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>A stream between a session and an agent of the same process.</summary>
internal sealed class PipeStream : IAgentStream
{
    private readonly Channel<AgentMessage> _up = Channel.CreateUnbounded<AgentMessage>();
    private readonly Channel<ControlMessage> _down = Channel.CreateBounded<ControlMessage>(4);

    public bool WasAborted { get; private set; }

    /// <summary>The agent's end is not seen.</summary>
    public bool IsSilent { get; set; }

    public IAsyncEnumerable<AgentMessage> ReadAll(CancellationToken cancellationToken) => _up.Reader.ReadAllAsync(cancellationToken);

    public Task Write(ControlMessage message, CancellationToken cancellationToken) => _down.Writer.WriteAsync(message, cancellationToken).AsTask();

    public void Abort() => WasAborted = true;

    /// <summary>The agent's side; the first message is taken off, as the service does.</summary>
    public async Task ServeAsync(InMemoryAgent agent, CancellationToken cancellationToken)
    {
        try
        {
            await agent.RunAsync(UpAsync, _down.Reader.ReadAllAsync(cancellationToken), cancellationToken);
        }
        finally
        {
            if (!IsSilent)
            {
                _up.Writer.TryComplete();
            }
        }
    }

    public void Close() => _down.Writer.TryComplete();

    public Task UpAsync(AgentMessage message) => message.Hello is null ? _up.Writer.WriteAsync(message).AsTask() : Task.CompletedTask;
}
