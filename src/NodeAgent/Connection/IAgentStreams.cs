namespace Vallum.NodeAgent.Connection;

/// <summary>The streams of one agent, one at a time, as <see cref="ControlPlaneLoop"/> opens them.</summary>
internal interface IAgentStreams
{
    /// <summary>One stream, from hello to the end.</summary>
    /// <param name="connected">Called when the silo has answered.</param>
    /// <exception cref="Grpc.Core.RpcException">The stream could not be opened, or broke.</exception>
    Task<SessionEnd> RunAsync(Uri server, System.Action connected, CancellationToken cancellationToken);

    /// <summary>Where the agent is connected; null: nowhere.</summary>
    void Note(Uri? server);
}
