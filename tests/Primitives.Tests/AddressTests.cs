using System.Net;
using CsCheck;

namespace Vallum.Primitives.Tests;

public sealed class AddressTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("fd00::a:0:1")]
    [InlineData("2001:db8:1:2:3:4:5:6")]
    public void It_reads_back_what_it_writes(string text) => Address.Parse(text).ToString().ShouldBe(text);

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("10.1")]
    [InlineData("10")]
    [InlineData("0x0a000001")]
    [InlineData("010.0.0.1")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.1 ")]
    [InlineData("10.0.0.1/32")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("host.example")]
    [InlineData(":::")]
    public void What_is_not_exactly_an_address_is_refused(string? text)
    {
        Address.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => Address.Parse(text!));
    }

    [Fact]
    public void An_ipv4_mapped_address_is_kept_as_ipv4() => Address.Parse("::ffff:10.0.0.1").ShouldBe(Address.Parse("10.0.0.1"));

    [Fact]
    public void The_same_number_in_the_other_family_is_another_address() => Address.V4(1).ShouldNotBe(Address.V6(1));

    [Fact]
    public void It_agrees_with_the_base_library_on_text_and_bytes() =>
        Gens.Addresses.Sample(address =>
        {
            var bytes = new byte[16];
            var length = address.WriteTo(bytes);
            var oracle = new IPAddress(bytes.AsSpan(0, length));

            Address.FromBytes(bytes.AsSpan(0, length)).ShouldBe(address);
            if (!oracle.IsIPv4MappedToIPv6)
            {
                address.ToString().ShouldBe(oracle.ToString());
                Address.Parse(oracle.ToString()).ShouldBe(address);
            }
        });

    [Fact]
    public void Addresses_are_ordered_by_family_and_then_as_numbers() =>
        Gen.Select(Gens.Addresses, Gens.Addresses).Sample((a, b) =>
        {
            var expected = a.Family != b.Family ? a.Family.CompareTo(b.Family) : a.Bits.CompareTo(b.Bits);
            Math.Sign(a.CompareTo(b)).ShouldBe(Math.Sign(expected));
            (a.CompareTo(b) == 0).ShouldBe(a == b);
        });

    [Fact]
    public void An_address_has_4_or_16_bytes() => Should.Throw<ArgumentException>(() => Address.FromBytes(new byte[5]));
}
