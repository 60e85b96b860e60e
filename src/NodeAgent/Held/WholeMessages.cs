using Google.Protobuf;
using Vallum.Contracts.Agent.V1;

namespace Vallum.NodeAgent.Held;

/// <summary>
/// A resource that is too large for one message comes as several of the same name, in order, within one update: each builds on the one before.
/// Here they become one again.
/// </summary>
internal static class WholeMessages
{
    /// <summary>One message per resource, in the order of each one's first.</summary>
    /// <exception cref="BaseMismatchException">A message does not build on the one before it.</exception>
    public static IEnumerable<Resource> Of(IEnumerable<Update> parts) => parts
        .SelectMany(p => p.Resources)
        .GroupBy(r => new ResourceName(r.Kind, r.Name))
        .Select(group => group.Count() == 1 ? group.First() : Join(group.Key, [.. group]));

    private static Resource Join(ResourceName name, List<Resource> messages)
    {
        var joined = messages[0].Clone();
        HashSet<ByteString> added = [.. joined.Whole?.Entries ?? joined.Delta?.Added ?? []];
        HashSet<ByteString> removed = [.. joined.Delta?.Removed ?? []];
        foreach (var message in messages.Skip(1))
        {
            if (message.Delta is not { } delta || !delta.BaseDigest.Equals(joined.Digest))
            {
                throw new BaseMismatchException($"{name} comes twice in one update, and the second does not build on the first", name);
            }

            // What came and went within the update was never there; what went and came again never left.
            foreach (var entry in delta.Added)
            {
                if (!removed.Remove(entry))
                {
                    added.Add(entry);
                }
            }

            foreach (var entry in delta.Removed)
            {
                if (!added.Remove(entry))
                {
                    removed.Add(entry);
                }
            }

            if (delta.HasHead)
            {
                SetHead(joined, delta.Head);
            }

            joined.Digest = message.Digest;
        }

        if (joined.Whole is { } whole)
        {
            whole.Entries.Clear();
            whole.Entries.Add(added);
        }
        else if (joined.Delta is { } composed)
        {
            composed.Added.Clear();
            composed.Added.Add(added);
            composed.Removed.Clear();
            composed.Removed.Add(removed);
        }

        return joined;
    }

    private static void SetHead(Resource joined, ByteString head)
    {
        if (joined.Whole is { } whole)
        {
            whole.Head = head;
        }
        else
        {
            joined.Delta.Head = head;
        }
    }
}
