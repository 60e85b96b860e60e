using CsCheck;

namespace Vallum.Primitives.Tests;

public sealed class FewSetTests
{
    [Fact]
    public void It_is_the_set_that_a_hash_set_is_whatever_comes_and_goes() =>
        Gen.Select(Gen.Int[0, 15], Gen.Bool).Array[0, 120].Sample(steps =>
        {
            var (set, expected) = (new FewSet<int>(), new HashSet<int>());
            foreach (var (member, comes) in steps)
            {
                (comes ? set.Add(member) : set.Remove(member)).ShouldBe(comes ? expected.Add(member) : expected.Remove(member));
                set.Contains(member).ShouldBe(comes);
                set.Count.ShouldBe(expected.Count);
            }

            set.ShouldBe(expected, ignoreOrder: true);
            var seen = new List<int>();
            foreach (var member in set)
            {
                seen.Add(member);
            }

            seen.ShouldBe(expected, ignoreOrder: true);
        });

    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    public void Members_may_go_while_they_are_gone_through(int members)
    {
        var set = new FewSet<int>();
        set.EnsureCapacity(members);
        for (var member = 0; member < members; member++)
        {
            set.Add(member);
        }

        foreach (var member in set)
        {
            set.Remove(member).ShouldBeTrue();
        }

        set.ShouldBeEmpty();
    }
}
