using System.Collections.Immutable;
using Google.Protobuf;
using Vallum.Primitives;
using Wire = Vallum.Contracts.Agent.V1;

namespace Vallum.Silo.Distribution.Content;

/// <summary>
/// A resource as agents get it: made once, shared by every stream, changed by nobody. A large content is several messages in order, each fitting what
/// the one before leaves, so that no message exceeds what a gRPC client takes (4 MB by default).
/// </summary>
/// <param name="Digest">What the agent holds after the last message.</param>
internal sealed record EncodedResource(ImmutableArray<EncodedResource.Sized> Messages, Digest Digest, bool IsWhole)
{
    /// <summary>Entry bytes per message: 512 KB.</summary>
    public const int ChunkBytes = 512 * 1024;

    // A field tag and a length before each entry.
    private const int PerEntry = 3;

    /// <summary>Of all messages as fields of updates.</summary>
    public int Bytes { get; } = Messages.Sum(m => m.Bytes);

    /// <param name="Bytes">Of the message as a field of an update.</param>
    internal readonly record struct Sized(Wire.Resource Message, int Bytes);

    public static EncodedResource Whole(ResourceId id, ResourceContent content)
    {
        var messages = ImmutableArray.CreateBuilder<Sized>();
        var digest = ContentDigest.OfHead(content.Head);
        var whole = new Wire.Whole { Head = UnsafeByteOperations.UnsafeWrap(content.Head) };
        var rest = new List<Entry>();
        var room = ChunkBytes;
        foreach (var entry in content.Entries)
        {
            room -= entry.Length + PerEntry;
            if (room < 0 && whole.Entries.Count > 0)
            {
                rest.Add(entry);
                continue;
            }

            whole.Entries.Add(UnsafeByteOperations.UnsafeWrap(entry.Bytes));
            digest += ContentDigest.OfEntry(entry);
        }

        Add(messages, Message(id, digest, m => m.Whole = whole));
        AddDeltas(messages, id, ref digest, new ContentDelta(null, [.. rest], []), content.Digest);
        return new EncodedResource(messages.ToImmutable(), content.Digest, true);
    }

    public static EncodedResource Delta(ResourceId id, Digest held, ContentDelta delta, Digest after)
    {
        var messages = ImmutableArray.CreateBuilder<Sized>();
        AddDeltas(messages, id, ref held, delta, after);
        return new EncodedResource(messages.ToImmutable(), after, false);
    }

    private static void AddDeltas(ImmutableArray<Sized>.Builder messages, ResourceId id, ref Digest held, ContentDelta delta, Digest after)
    {
        var (removed, added) = (0, 0);
        while (removed < delta.Removed.Length || added < delta.Added.Length || (delta.Head is not null && held != after))
        {
            var body = new Wire.Delta { BaseDigest = Wrap(held) };
            var room = ChunkBytes;
            for (; removed < delta.Removed.Length && room > 0; removed++)
            {
                Take(delta.Removed[removed], body.Removed, ref room);
                held -= ContentDigest.OfEntry(delta.Removed[removed]);
            }

            for (; added < delta.Added.Length && room > 0; added++)
            {
                Take(delta.Added[added], body.Added, ref room);
                held += ContentDigest.OfEntry(delta.Added[added]);
            }

            // The head goes with the last message: only there the digest after it is known without the head before.
            if (removed == delta.Removed.Length && added == delta.Added.Length)
            {
                held = after;
                if (delta.Head is { } head)
                {
                    body.Head = UnsafeByteOperations.UnsafeWrap(head);
                }
            }

            Add(messages, Message(id, held, m => m.Delta = body));
        }
    }

    private static void Take(Entry entry, Google.Protobuf.Collections.RepeatedField<ByteString> into, ref int room)
    {
        into.Add(UnsafeByteOperations.UnsafeWrap(entry.Bytes));
        room -= entry.Length + PerEntry;
    }

    private static Wire.Resource Message(ResourceId id, Digest digest, Action<Wire.Resource> fill)
    {
        var message = new Wire.Resource { Kind = id.Kind, Name = id.Name, Digest = Wrap(digest) };
        fill(message);
        return message;
    }

    private static void Add(ImmutableArray<Sized>.Builder messages, Wire.Resource message)
    {
        var size = message.CalculateSize();
        messages.Add(new Sized(message, size + 1 + CodedOutputStream.ComputeLengthSize(size)));
    }

    private static ByteString Wrap(Digest digest) => UnsafeByteOperations.UnsafeWrap(digest.ToBytes());
}
