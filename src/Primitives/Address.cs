using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Vallum.Primitives;

/// <summary>One IPv4 or IPv6 address as a number. An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is kept as IPv4.</summary>
public readonly record struct Address : IComparable<Address>
{
    private Address(IpFamily family, UInt128 bits)
    {
        Family = family;
        Bits = bits;
    }

    public IpFamily Family { get; }

    /// <summary>The address as a big-endian number; an IPv4 address fills the low 32 bits.</summary>
    public UInt128 Bits { get; }

    public int Width => Family.Width;

    public static Address V4(uint bits) => new(IpFamily.V4, bits);

    public static Address V6(UInt128 bits) => new(IpFamily.V6, bits);

    internal static Address Of(IpFamily family, UInt128 bits) => new(family, bits);

    /// <summary>Parses the dotted or colon form. Refuses scope ids, leading zeros ("010.0.0.1") and shortened IPv4 ("10.1").</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Address address)
    {
        address = default;
        if (string.IsNullOrEmpty(text) || text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal) || !IPAddress.TryParse(text, out var ip))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        if (ip.IsIPv4MappedToIPv6)
        {
            ip = ip.MapToIPv4();
        }
        else if (!text.Contains(':', StringComparison.Ordinal) && !string.Equals(ip.ToString(), text, StringComparison.Ordinal))
        {
            // IPAddress reads "10.1" as 10.0.0.1 and "010.0.0.1" as octal: a policy must not mean something else than it says.
            return false;
        }

        ip.TryWriteBytes(bytes, out var written);
        address = FromBytes(bytes[..written]);
        return true;
    }

    public static Address Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IPv4 or IPv6 address");

    /// <summary>From 4 or 16 bytes in network order.</summary>
    public static Address FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => V4(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
        16 => V6(BinaryPrimitives.ReadUInt128BigEndian(bytes)),
        _ => throw new ArgumentException("An address has 4 or 16 bytes.", nameof(bytes)),
    };

    /// <summary>Writes 4 or 16 bytes in network order and returns how many.</summary>
    public int WriteTo(Span<byte> destination)
    {
        if (Family == IpFamily.V4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)Bits);
            return 4;
        }

        BinaryPrimitives.WriteUInt128BigEndian(destination, Bits);
        return 16;
    }

    public int CompareTo(Address other) => Family == other.Family ? Bits.CompareTo(other.Bits) : Family.CompareTo(other.Family);

    public override string ToString()
    {
        if (Family == IpFamily.V4)
        {
            var v = (uint)Bits;
            return string.Create(CultureInfo.InvariantCulture, $"{v >> 24}.{(v >> 16) & 255}.{(v >> 8) & 255}.{v & 255}");
        }

        Span<byte> bytes = stackalloc byte[16];
        WriteTo(bytes);
        return new IPAddress(bytes).ToString();
    }
}
