using System.Text;
using Google.Protobuf;
using Vallum.Contracts.Agent.V1;
using Vallum.Primitives;

namespace Vallum.NodeAgent.Held;

internal readonly record struct ResourceName(ResourceKind Kind, string Name)
{
    public ResourceRef ToRef() => new() { Kind = Kind, Name = Name };

    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>A resource as it travels: a head and a set of entries, opaque here, with the digest that the stream's contract defines.</summary>
internal sealed class HeldResource(ByteString head, HashSet<ByteString> entries, Digest digest)
{
    private const byte HeadMark = 0;
    private const byte EntryMark = 1;

    public ByteString Head { get; set; } = head;

    public HashSet<ByteString> Entries { get; } = entries;

    public Digest Digest { get; set; } = digest;

    public static Digest OfHead(ByteString head) => Marked(HeadMark, head.Span);

    public static Digest OfEntry(ByteString entry) => Marked(EntryMark, entry.Span);

    public static Digest OfEntries(IEnumerable<ByteString> entries) => entries.Aggregate(Digest.Empty, (sum, entry) => sum + OfEntry(entry));

    /// <summary>What the resource adds to the digest over everything held.</summary>
    public static Digest InTotal(ResourceName name, Digest digest)
    {
        var text = Encoding.UTF8.GetBytes(name.Name);
        return Digest.Of([(byte)name.Kind, .. text, 0, .. digest.ToBytes()]);
    }

    private static Digest Marked(byte mark, ReadOnlySpan<byte> content)
    {
        Span<byte> bytes = content.Length < 256 ? stackalloc byte[content.Length + 1] : new byte[content.Length + 1];
        bytes[0] = mark;
        content.CopyTo(bytes[1..]);
        return Digest.Of(bytes);
    }
}
