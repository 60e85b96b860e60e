using System.Collections.Immutable;
using System.Text;
using Google.Protobuf;
using Vallum.Agents;
using Vallum.Primitives;

namespace Vallum.Swarm.Held;

/// <summary>One content of one resource, with the digests of agent.proto; the same object for every agent that holds it. Nobody changes it.</summary>
public sealed class SharedResource
{
    private const byte HeadMark = 0;
    private const byte EntryMark = 1;

    private SharedResource(ResourceKey key, ByteString head, ImmutableHashSet<ByteString> entries, Digest digest)
    {
        (Key, Head, Entries, Digest) = (key, head, entries, digest);
        InAll = Digest.Of([(byte)key.Kind, .. Encoding.UTF8.GetBytes(key.Name), 0, .. digest.ToBytes()]);
    }

    public ResourceKey Key { get; }

    public ByteString Head { get; }

    public ImmutableHashSet<ByteString> Entries { get; }

    public Digest Digest { get; }

    /// <summary>What it adds to the digest over everything held.</summary>
    public Digest InAll { get; }

    public static SharedResource Whole(ResourceKey key, ByteString head, IReadOnlyList<ByteString> entries) => new(
        key, head, [.. entries], entries.Aggregate(Marked(HeadMark, head), (sum, entry) => sum + Marked(EntryMark, entry)));

    /// <summary>Null: it takes away what is not there, or adds what is.</summary>
    /// <param name="head">Null: it stays.</param>
    public SharedResource? With(ByteString? head, IReadOnlyList<ByteString> added, IReadOnlyList<ByteString> removed)
    {
        var entries = Entries.ToBuilder();
        var digest = head is null ? Digest : Digest - Marked(HeadMark, Head) + Marked(HeadMark, head);
        foreach (var entry in removed)
        {
            if (!entries.Remove(entry))
            {
                return null;
            }

            digest -= Marked(EntryMark, entry);
        }

        foreach (var entry in added)
        {
            if (!entries.Add(entry))
            {
                return null;
            }

            digest += Marked(EntryMark, entry);
        }

        return new SharedResource(Key, head ?? Head, entries.ToImmutable(), digest);
    }

    /// <summary>As an agent of tests holds it, which computes its digest from scratch.</summary>
    public HeldResource ToHeld() => new(Key.Kind, Key.Name, Head, Entries);

    private static Digest Marked(byte mark, ByteString content) => Digest.Of([mark, .. content.Span]);
}
