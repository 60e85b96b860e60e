using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;
using Vallum.Silo.Distribution.Hub;

namespace Vallum.Silo.Distribution.Sessions;

/// <summary>One update as messages of bounded size. The resources in it are shared with other streams.</summary>
internal static class UpdateParts
{
    /// <param name="heldAfter">Digest over everything held once the update is in.</param>
    /// <param name="partBytes">Where a message is full; one resource message more may go over it, by at most what one takes (about 0.5 MB).</param>
    public static IReadOnlyList<ControlMessage> Of(ulong nonce, NodeStep step, Digest heldAfter, int partBytes)
    {
        var parts = new List<ControlMessage>();
        var part = new Update { Nonce = nonce };
        var bytes = 0;
        foreach (var (message, size) in step.Sends.SelectMany(s => s.Resource.Messages))
        {
            if (bytes > 0 && bytes + size > partBytes)
            {
                Next();
            }

            part.Resources.Add(message);
            bytes += size;
        }

        foreach (var id in step.Removed)
        {
            var reference = id.ToWire();
            if (bytes > partBytes)
            {
                Next();
            }

            part.Removed.Add(reference);
            bytes += reference.CalculateSize() + 2;
        }

        part.EndOfSnapshot = true;
        part.HeldDigest = UnsafeByteOperations.UnsafeWrap(heldAfter.ToBytes());
        parts.Add(new ControlMessage { Update = part });
        return parts;

        void Next()
        {
            part.More = true;
            parts.Add(new ControlMessage { Update = part });
            part = new Update { Nonce = nonce };
            bytes = 0;
        }
    }
}
