using Microsoft.Extensions.Logging;
using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Decoding;
using Vallum.NodeAgent.Held;

namespace Vallum.NodeAgent;

/// <summary>Lets updates in, or says why not: what is refused changes nothing of what is held.</summary>
internal sealed class Admission(DesiredState desired, ILogger logger)
{
    /// <summary>False when the update is refused and nothing of it is held.</summary>
    public bool Hold(IReadOnlyList<Update> parts, Action<AgentMessage> answer)
    {
        var nonce = parts[^1].Nonce;
        try
        {
            var unknown = desired.Take(parts);
            if (!unknown.IsEmpty)
            {
                answer(Refuse(nonce, Nack.Types.Reason.Unsupported,
                    $"held, and read closed: {string.Join("; ", unknown.Select(u => $"{u.Resource} has {u.What}"))}", unknown.Select(u => u.Resource)));
            }

            return true;
        }
        catch (BaseMismatchException e)
        {
            answer(Refuse(nonce, Nack.Types.Reason.BaseMismatch, e.Message, e.Resources));
            return false;
        }
        catch (MalformedResourceException e)
        {
            answer(Refuse(nonce, Nack.Types.Reason.Unsupported, $"not held, it breaks the contract: {e.Message}", [e.Resource]));
            return false;
        }
    }

    public AgentMessage Refuse(ulong nonce, Nack.Types.Reason reason, string words, IEnumerable<ResourceName> resources)
    {
        AgentLog.Refused(logger, nonce, reason.ToString(), words);
        return Answers.Nack(nonce, reason, words, resources);
    }
}
