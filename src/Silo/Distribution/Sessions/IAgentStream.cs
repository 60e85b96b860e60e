using Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>One agent's stream, both ways. One reads and one writes at a time.</summary>
internal interface IAgentStream
{
    /// <summary>Ends when the agent has closed its side.</summary>
    IAsyncEnumerable<AgentMessage> ReadAll(CancellationToken cancellationToken);

    /// <summary>Completes when the message has been given to the transport, which may take as long as the agent does not read.</summary>
    Task Write(ControlMessage message, CancellationToken cancellationToken);

    /// <summary>Resets the call: a write that hangs does not hear a cancellation.</summary>
    void Abort();
}
