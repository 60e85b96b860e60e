using Vallum.Primitives;

namespace Vallum.Silo.Distribution.Content;

/// <summary>The digests of agent.proto: of a head, of an entry, of a resource among everything that is held.</summary>
internal static class ContentDigest
{
    private const byte HeadMark = 0;
    private const byte EntryMark = 1;
    private const int OnStack = 256;

    public static Digest OfHead(ReadOnlySpan<byte> head) => Marked(HeadMark, head);

    public static Digest OfEntry(Entry entry) => Marked(EntryMark, entry.Bytes);

    /// <summary>What one resource adds to the digest over everything held.</summary>
    public static Digest OfHeld(ResourceId id, Digest content)
    {
        var length = 1 + System.Text.Encoding.UTF8.GetByteCount(id.Name) + 1 + Digest.Length;
        var bytes = length <= OnStack ? stackalloc byte[length] : new byte[length];
        bytes[0] = (byte)id.Kind;
        var name = System.Text.Encoding.UTF8.GetBytes(id.Name, bytes[1..]);
        bytes[1 + name] = 0;
        content.ToBytes().CopyTo(bytes[(2 + name)..]);
        return Digest.Of(bytes);
    }

    private static Digest Marked(byte mark, ReadOnlySpan<byte> content)
    {
        var bytes = content.Length < OnStack ? stackalloc byte[content.Length + 1] : new byte[content.Length + 1];
        bytes[0] = mark;
        content.CopyTo(bytes[1..]);
        return Digest.Of(bytes);
    }
}
