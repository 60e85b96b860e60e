using Microsoft.Extensions.Logging;
using Vallum.Contracts.Agent.V1;

namespace Vallum.NodeAgent.Connection;

/// <summary>Of the agent that this process is.</summary>
internal sealed class AgentStreams(Agent agent, Hello hello, AgentCredentials? credentials, ILogger logger) : IAgentStreams
{
    public Task<SessionEnd> RunAsync(Uri server, System.Action connected, CancellationToken cancellationToken) =>
        new AgentSession(agent, hello.Clone(), server, credentials?.Read(), logger).RunAsync(connected, cancellationToken);

    public void Note(Uri? server) => agent.NoteConnection(server);
}
