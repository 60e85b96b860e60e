using System.Net;
using CsCheck;

namespace Vallum.Primitives.Tests;

/// <summary>Held to IPNetwork2, which shares no code with us.</summary>
public sealed class CidrTests
{
    [Fact]
    public void Base_and_last_agree_with_the_oracle() =>
        Gens.Cidrs.Sample(cidr =>
        {
            var oracle = Oracle(cidr);
            Text(cidr.Base).ShouldBe(oracle.Network.ToString());
            Text(cidr.Last).ShouldBe(Last(oracle).ToString());
        });

    [Fact]
    public void Clearing_host_bits_agrees_with_the_oracle() =>
        Gens.Prefixes.Sample(prefix =>
        {
            var oracle = IPNetwork2.Parse($"{prefix.Address}/{prefix.Length}");
            Text(Cidr.Containing(prefix.Address, prefix.Length).Base).ShouldBe(oracle.Network.ToString());
        });

    [Fact]
    public void Containing_an_address_agrees_with_the_oracle() =>
        Gen.Select(Gens.Pairs, Gens.Addresses).Sample((pair, address) =>
        {
            foreach (var candidate in new[] { pair.Other.Base, pair.Other.Last, address }.Where(a => a.Family == pair.One.Family))
            {
                pair.One.Contains(candidate).ShouldBe(Oracle(pair.One).Contains(Ip(candidate)));
            }
        });

    [Fact]
    public void Containing_and_overlapping_blocks_agree_with_the_oracle() =>
        Gens.Pairs.Where(p => p.One.Family == p.Other.Family).Sample(pair =>
        {
            pair.One.Contains(pair.Other).ShouldBe(Oracle(pair.One).Contains(Oracle(pair.Other)));
            pair.One.Overlaps(pair.Other).ShouldBe(Oracle(pair.One).Overlap(Oracle(pair.Other)));
        });

    [Fact]
    public void Blocks_of_different_families_have_nothing_in_common()
    {
        Cidr.Parse("::/0").Contains(Address.Parse("10.0.0.1")).ShouldBeFalse();
        Cidr.Parse("0.0.0.0/0").Contains(Address.Parse("::a00:1")).ShouldBeFalse();
        Cidr.Parse("0.0.0.0/0").Overlaps(Cidr.Parse("::/0")).ShouldBeFalse();
    }

    [Fact]
    public void Halves_are_disjoint_and_together_the_whole() =>
        Gens.Cidrs.Where(c => !c.IsHost).Sample(cidr =>
        {
            var (low, high) = cidr.Halves();
            low.Base.ShouldBe(cidr.Base);
            high.Last.ShouldBe(cidr.Last);
            (low.Last.Bits + 1).ShouldBe(high.Base.Bits);
            low.Overlaps(high).ShouldBeFalse();
        });

    [Fact]
    public void A_single_address_cannot_be_halved() => Should.Throw<InvalidOperationException>(() => Cidr.Parse("10.0.0.1/32").Halves());

    [Fact]
    public void A_block_reads_back_what_it_writes() =>
        Gens.Cidrs.Where(c => !IsMapped(c)).Sample(cidr => Cidr.Parse(cidr.ToString()).ShouldBe(cidr));

    [Theory]
    [InlineData("10.0.0.7/29", "10.0.0.0/29")]
    [InlineData("10.0.0.7/0", "0.0.0.0/0")]
    [InlineData("fd00::7/125", "fd00::/125")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    public void Host_bits_are_cleared(string text, string expected) => Cidr.Parse(text).ToString().ShouldBe(expected);

    [Theory]
    [InlineData("10.0.0.0")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/ 8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0/8")]
    [InlineData("::/129")]
    [InlineData("::ffff:10.0.0.0/8")]
    [InlineData("10.0.0.0/255.0.0.0")]
    [InlineData("/8")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_not_exactly_a_block_is_refused(string? text)
    {
        Cidr.TryParse(text, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => Cidr.Parse(text!));
    }

    [Fact]
    public void Blocks_are_ordered_by_family_then_base_then_the_wider_first()
    {
        string[] ordered = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "::/0", "fd00::/8"];

        ordered.Reverse().Select(Cidr.Parse).Order().Select(c => c.ToString()).ShouldBe(ordered);
    }

    [Fact]
    public void A_length_that_the_family_lacks_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => Cidr.Containing(Address.V4(0), 33));
        Should.Throw<ArgumentOutOfRangeException>(() => Cidr.Containing(Address.V6(0), -1));
    }

    private static bool IsMapped(Cidr cidr) => Ip(cidr.Base).IsIPv4MappedToIPv6;

    private static IPNetwork2 Oracle(Cidr cidr) => IPNetwork2.Parse($"{cidr.Base}/{cidr.Length}");

    private static IPAddress Ip(Address address)
    {
        var bytes = new byte[16];
        return new IPAddress(bytes.AsSpan(0, address.WriteTo(bytes)));
    }

    private static string Text(Address address) => Ip(address).ToString();

    /// <summary>Of IPv4 the oracle calls it broadcast, of IPv6 the last usable.</summary>
    private static IPAddress Last(IPNetwork2 network) => network.Broadcast ?? network.LastUsable;
}
