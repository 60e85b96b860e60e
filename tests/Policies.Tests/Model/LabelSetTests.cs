using CsCheck;
using Vallum.Policies.Model;

namespace Vallum.Policies.Tests.Model;

public sealed class LabelSetTests
{
    private static readonly Gen<KeyValuePair<string, string>[]> Pairs =
        Gen.Select(Gen.OneOf("a", "B", "b", "z", "a.b/c"), Gen.OneOf("", "1", "2"), KeyValuePair.Create).Array[0, 8];

    [Fact]
    public void It_answers_as_a_dictionary_does() =>
        Pairs.Sample(
            pairs =>
            {
                var expected = new Dictionary<string, string>(StringComparer.Ordinal);
                foreach (var (key, value) in pairs)
                {
                    expected[key] = value;
                }

                var labels = LabelSet.Of(pairs);
                labels.Count.ShouldBe(expected.Count);
                labels.Select(p => p.Key).ShouldBe(expected.Keys.Order(StringComparer.Ordinal));
                foreach (var key in new[] { "a", "B", "b", "z", "a.b/c", "", "absent" })
                {
                    labels[key].ShouldBe(expected.GetValueOrDefault(key));
                }
            },
            iter: 1000);

    [Fact]
    public void The_order_in_which_it_was_written_does_not_matter()
    {
        var one = LabelSet.Of(("a", "1"), ("b", "2"));
        var other = LabelSet.Of(("b", "2"), ("a", "1"));

        other.ShouldBe(one);
        other.GetHashCode().ShouldBe(one.GetHashCode());
        other.ToString().ShouldBe("a=1,b=2");
    }

    [Fact]
    public void Sets_that_differ_in_a_key_or_a_value_are_not_equal()
    {
        LabelSet.Of(("a", "1")).Equals(LabelSet.Of(("a", "2"))).ShouldBeFalse();
        LabelSet.Of(("a", "1")).Equals(LabelSet.Of(("b", "1"))).ShouldBeFalse();
        LabelSet.Of(("a", "1")).Equals(LabelSet.Empty).ShouldBeFalse();
    }
}
