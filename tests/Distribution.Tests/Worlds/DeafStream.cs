using Vallum.Contracts.Agent.V1;
using Vallum.Silo.Distribution.Sessions;

namespace Vallum.Distribution.Tests.Worlds;

/// <summary>An agent that neither reads nor writes.</summary>
internal sealed class DeafStream : IAgentStream
{
    private readonly TaskCompletionSource _aborted = new();

    public bool WasAborted => _aborted.Task.IsCompleted;

    public async IAsyncEnumerable<AgentMessage> ReadAll([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _aborted.Task.WaitAsync(cancellationToken);
        yield break;
    }

    public Task Write(ControlMessage message, CancellationToken cancellationToken) => _aborted.Task;

    public void Abort() => _aborted.TrySetResult();
}
