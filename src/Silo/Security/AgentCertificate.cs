using Grpc.Core;
using Vallum.Silo.Distribution.Sessions;
using Vallum.Silo.Security.Callers;

namespace Vallum.Silo.Security;

/// <summary>The node's certificate says which node an agent speaks for; on a listener that knows nobody, any.</summary>
internal sealed class AgentCertificate : IAgentIdentity
{
    public bool MayServe(ServerCallContext call, string node) => Caller.Of(call).MaySpeakFor(node);
}
