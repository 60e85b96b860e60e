using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Vallum.Contracts.Agent.V1;
using Vallum.NodeAgent.Held;
using Vallum.Primitives;

namespace Vallum.NodeAgent;

/// <summary>What an agent says about an update.</summary>
internal static class Answers
{
    // A tool's words may be long; a message of a status is not the place for all of them.
    private const int LongestMessage = 4000;

    public static AgentMessage Ack(ulong nonce, TimeSpan duration, Digest held) => new()
    {
        Ack = new Ack { Nonce = nonce, ApplyDuration = Duration.FromTimeSpan(duration), HeldDigest = ByteString.CopyFrom(held.ToBytes()) },
    };

    public static AgentMessage Nack(ulong nonce, Nack.Types.Reason reason, string words, IEnumerable<ResourceName> resources) => new()
    {
        Nack = new Nack
        {
            Nonce = nonce,
            Reason = reason,
            Message = words.Length <= LongestMessage ? words : words[..LongestMessage] + " …",
            Resources = { resources.Distinct().Select(r => r.ToRef()) },
        },
    };
}
