using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;

namespace Vallum.Primitives;

/// <summary>
/// A 128-bit digest of a set of byte strings that does not depend on their order: the sum modulo 2^128 of XxHash128 of each.
/// One string more or less is one addition, so the digest of a set of 100,000 members follows a change in constant time.
/// It finds faults, not forgeries: both ends of a stream are authenticated.
/// </summary>
public readonly record struct Digest(UInt128 Value)
{
    /// <summary>Bytes of <see cref="ToBytes"/>.</summary>
    public const int Length = 16;

    /// <summary>The digest of the empty set.</summary>
    public static readonly Digest Empty;

    public static Digest Of(ReadOnlySpan<byte> content) => new(XxHash128.HashToUInt128(content));

    public static Digest FromBytes(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt128BigEndian(bytes));

    public static Digest operator +(Digest left, Digest right) => new(unchecked(left.Value + right.Value));

    public static Digest operator -(Digest left, Digest right) => new(unchecked(left.Value - right.Value));

    public Digest Add(Digest other) => this + other;

    public Digest Subtract(Digest other) => this - other;

    /// <summary>16 bytes in network order.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return bytes;
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
