using Grpc.Core;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>Which node a caller may speak for.</summary>
public interface IAgentIdentity
{
    bool MayServe(ServerCallContext call, string node);
}

/// <summary>For plaintext on loopback, where there are no certificates.</summary>
internal sealed class AnyAgentIdentity : IAgentIdentity
{
    public bool MayServe(ServerCallContext call, string node) => true;
}
