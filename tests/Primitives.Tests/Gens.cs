using CsCheck;

namespace Vallum.Primitives.Tests;

internal static class Gens
{
    private static readonly Gen<UInt128> Bits =
        Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 127], Gen.Bool, (high, low, shift, ones) =>
        {
            // Long runs of zeros and ones, where masks are wrong first.
            var bits = new UInt128(high, low) >> shift;
            return ones ? ~bits : bits;
        });

    public static readonly Gen<Address> Addresses = Gen.OneOf(
        Gen.UInt.Select(Address.V4), Bits.Select(b => Address.V4((uint)b)), Bits.Select(Address.V6));

    /// <summary>An address and a length that its family has.</summary>
    public static readonly Gen<(Address Address, int Length)> Prefixes =
        from address in Addresses
        from length in Gen.Int[0, address.Width]
        select (address, length);

    public static readonly Gen<Cidr> Cidrs = Prefixes.Select(p => Cidr.Containing(p.Address, p.Length));

    /// <summary>Two blocks that often lie inside or beside each other.</summary>
    public static readonly Gen<(Cidr One, Cidr Other)> Pairs = Gen.OneOf(
        Gen.Select(Cidrs, Cidrs),
        from one in Cidrs
        from length in Gen.Int[0, one.Base.Width]
        from last in Gen.Bool
        select (one, Cidr.Containing(last ? one.Last : one.Base, length)));
}
