using System.Buffers.Binary;
using System.IO.Hashing;

namespace Vallum.Silo.Distribution.Content;

/// <summary>One element of a resource in the bytes of the agents' wire, compared by content. Nobody changes the bytes.</summary>
internal readonly struct Entry(byte[] bytes) : IEquatable<Entry>
{
    public byte[] Bytes { get; } = bytes;

    public int Length => Bytes.Length;

    public bool Equals(Entry other) => Bytes.AsSpan().SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is Entry other && Equals(other);

    // A packed IPv4 member is 5 or 8 bytes and by far the most frequent entry.
    public override int GetHashCode() => Bytes.Length switch
    {
        5 => HashCode.Combine(BinaryPrimitives.ReadInt32LittleEndian(Bytes), Bytes[4]),
        8 => BinaryPrimitives.ReadInt64LittleEndian(Bytes).GetHashCode(),
        _ => unchecked((int)XxHash3.HashToUInt64(Bytes)),
    };

    public override string ToString() => Convert.ToHexStringLower(Bytes);
}
