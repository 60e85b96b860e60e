using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Vallum.Primitives;

/// <summary>A block of addresses: a base whose host bits are zero, and a prefix length.</summary>
public readonly record struct Cidr : IComparable<Cidr>
{
    private Cidr(Address @base, int length)
    {
        Base = @base;
        Length = (byte)length;
    }

    public Address Base { get; }

    /// <summary>0..32 or 0..128.</summary>
    public byte Length { get; }

    public IpFamily Family => Base.Family;

    public bool IsHost => Length == Base.Width;

    /// <summary>The last address of the block.</summary>
    public Address Last => Address.Of(Family, Base.Bits | HostMask(Family, Length));

    /// <summary>The block of <paramref name="length"/> that holds <paramref name="address"/>; host bits are cleared.</summary>
    public static Cidr Containing(Address address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.Width);
        return new Cidr(Address.Of(address.Family, address.Bits & ~HostMask(address.Family, length)), length);
    }

    public static Cidr Host(Address address) => new(address, address.Width);

    /// <summary>Parses "address/length". Host bits may be set and are cleared, as Kubernetes does. A bare address is refused.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Cidr cidr)
    {
        cidr = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (slash < 0 || !Address.TryParse(text![..slash], out var address))
        {
            return false;
        }

        var digits = text.AsSpan(slash + 1);
        if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0') ||
            !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return false;
        }

        // "::ffff:10.0.0.0/104" is an IPv4 block written as IPv6.
        if (address.Family == IpFamily.V4 && text.Contains(':', StringComparison.Ordinal))
        {
            length -= 96;
        }

        if (length < 0 || length > address.Width)
        {
            return false;
        }

        cidr = Containing(address, length);
        return true;
    }

    public static Cidr Parse(string text) =>
        TryParse(text, out var cidr) ? cidr : throw new FormatException($"'{text}' is not a CIDR such as 10.0.0.0/8");

    public bool Contains(Address address) =>
        address.Family == Family && (address.Bits & ~HostMask(Family, Length)) == Base.Bits;

    /// <summary>True when every address of <paramref name="other"/> is in this block; a block contains itself.</summary>
    public bool Contains(Cidr other) => other.Length >= Length && Contains(other.Base);

    public bool Overlaps(Cidr other) => Contains(other) || other.Contains(this);

    /// <summary>The two halves. Not for a single address.</summary>
    public (Cidr Low, Cidr High) Halves()
    {
        if (IsHost)
        {
            throw new InvalidOperationException($"{this} cannot be halved.");
        }

        var bit = UInt128.One << (Base.Width - Length - 1);
        return (new Cidr(Base, Length + 1), new Cidr(Address.Of(Family, Base.Bits | bit), Length + 1));
    }

    /// <summary>By family, then base, then the wider block first.</summary>
    public int CompareTo(Cidr other)
    {
        var byBase = Base.CompareTo(other.Base);
        return byBase != 0 ? byBase : Length.CompareTo(other.Length);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Base}/{Length}");

    private static UInt128 HostMask(IpFamily family, int length)
    {
        var hostBits = family.Width - length;
        return hostBits == 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - 1;
    }
}
