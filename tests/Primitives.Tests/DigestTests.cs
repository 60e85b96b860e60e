using CsCheck;

namespace Vallum.Primitives.Tests;

public sealed class DigestTests
{
    private static readonly Gen<byte[]> Strings = Gen.Byte.Array[0, 20];

    [Fact]
    public void The_order_of_the_members_does_not_matter() =>
        (
            from members in Strings.Array[0, 10]
            from shuffled in Gen.Shuffle(members.ToArray())
            select (members, shuffled)).Sample(t => Sum(t.shuffled).ShouldBe(Sum(t.members)));

    [Fact]
    public void What_is_added_and_taken_away_leaves_nothing_behind() =>
        Gen.Select(Strings.Array[0, 10], Strings).Sample((members, one) =>
        {
            var before = Sum(members);
            (before + Digest.Of(one) - Digest.Of(one)).ShouldBe(before);
            before.Add(Digest.Of(one)).Subtract(Digest.Of(one)).ShouldBe(before);
        });

    [Fact]
    public void A_member_more_shows() => Strings.Array[0, 10].Sample(members => Sum([.. members, [1, 2, 3]]).ShouldNotBe(Sum(members)));

    [Fact]
    public void The_same_member_twice_is_not_the_member_once() => Sum([[1], [1]]).ShouldNotBe(Sum([[1]]));

    [Fact]
    public void The_empty_set_has_the_empty_digest_and_the_empty_string_has_not()
    {
        Sum([]).ShouldBe(Digest.Empty);
        Digest.Of([]).ShouldNotBe(Digest.Empty);
    }

    [Fact]
    public void Its_bytes_read_back() => Strings.Sample(s => Digest.FromBytes(Digest.Of(s).ToBytes()).ShouldBe(Digest.Of(s)));

    /// <summary>Both ends of a stream compute it, in versions that may differ: it must never change.</summary>
    [Fact]
    public void It_is_the_xxhash128_of_the_published_test_vector()
    {
        // XXH3_128bits of the empty input with seed 0, from xxHash's own sanity tests.
        Digest.Of([]).ToString().ShouldBe("99aa06d3014798d86001c324468d497f");
        Digest.Of([]).ToBytes().Length.ShouldBe(Digest.Length);
    }

    private static Digest Sum(byte[][] members) => members.Aggregate(Digest.Empty, (sum, m) => sum + Digest.Of(m));
}
