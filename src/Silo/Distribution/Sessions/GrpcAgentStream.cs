using Grpc.Core;
using Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution.Sessions;

internal sealed class GrpcAgentStream(
    IAsyncStreamReader<AgentMessage> reader,
    IServerStreamWriter<ControlMessage> writer,
    ServerCallContext call) : IAgentStream
{
    public IAsyncEnumerable<AgentMessage> ReadAll(CancellationToken cancellationToken) => reader.ReadAllAsync(cancellationToken);

    public Task Write(ControlMessage message, CancellationToken cancellationToken) => writer.WriteAsync(message, cancellationToken);

    public void Abort() => call.GetHttpContext().Abort();
}
