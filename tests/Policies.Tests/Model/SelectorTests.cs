using CsCheck;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;

namespace Vallum.Policies.Tests.Model;

public sealed class SelectorTests
{
    [Theory]
    [InlineData("app=a", true)]
    [InlineData("app=b", true)]
    [InlineData("app=c", false)]
    [InlineData("env=a", false)]
    [InlineData("", false)]
    public void In_needs_the_key_and_one_of_the_values(string labels, bool expected) =>
        Requirement.In("app", "a", "b").Matches(Given.Labels(labels)).ShouldBe(expected);

    [Theory]
    [InlineData("app=a", false)]
    [InlineData("app=b", false)]
    [InlineData("app=c", true)]
    [InlineData("", true)]
    public void NotIn_matches_other_values_and_an_absent_key(string labels, bool expected) =>
        Requirement.NotIn("app", "a", "b").Matches(Given.Labels(labels)).ShouldBe(expected);

    [Theory]
    [InlineData("app=", true)]
    [InlineData("app=x", true)]
    [InlineData("", false)]
    public void Exists_asks_for_the_key_whatever_its_value(string labels, bool expected)
    {
        Requirement.Exists("app").Matches(Given.Labels(labels)).ShouldBe(expected);
        Requirement.DoesNotExist("app").Matches(Given.Labels(labels)).ShouldBe(!expected);
    }

    [Fact]
    public void An_empty_value_needs_the_key_to_be_present()
    {
        Requirement.In("app", "").Matches(LabelSet.Of(("app", ""))).ShouldBeTrue();
        Requirement.In("app", "").Matches(LabelSet.Empty).ShouldBeFalse();
    }

    [Fact]
    public void Keys_and_values_are_compared_letter_by_letter()
    {
        Requirement.In("app", "a").Matches(LabelSet.Of(("app", "A"))).ShouldBeFalse();
        Requirement.In("app", "a").Matches(LabelSet.Of(("App", "a"))).ShouldBeFalse();
    }

    [Fact]
    public void In_and_NotIn_without_values_are_refused()
    {
        Should.Throw<ArgumentException>(() => Requirement.In("app"));
        Should.Throw<ArgumentException>(() => Requirement.NotIn("app"));
    }

    [Fact]
    public void All_requirements_must_hold()
    {
        var selector = Selector.Of(Requirement.In("app", "a"), Requirement.Exists("env"));

        selector.Matches(Given.Labels("app=a,env=x")).ShouldBeTrue();
        selector.Matches(Given.Labels("app=a")).ShouldBeFalse();
        selector.Matches(Given.Labels("env=x")).ShouldBeFalse();
    }

    [Fact]
    public void A_selector_without_requirements_is_the_one_that_picks_all()
    {
        Selector.Of().ShouldBeSameAs(Selector.All);
        Selector.All.Matches(LabelSet.Empty).ShouldBeTrue();
    }

    [Fact]
    public void Selectors_written_in_different_orders_or_twice_are_equal_and_have_one_text() =>
        (
            from written in SelectorGens.Requirements.Array[0, 4]
            from shuffled in Gen.Shuffle(written.Concat(written).ToArray())
            select (written, shuffled)).Sample(
            pair =>
            {
                var (one, other) = (Selector.Of(pair.written), Selector.Of(pair.shuffled));
                other.ShouldBe(one);
                other.GetHashCode().ShouldBe(one.GetHashCode());
                other.ToString().ShouldBe(one.ToString());
            },
            iter: 1000);

    [Fact]
    public void Values_are_normalised_too() =>
        Selector.Of(Requirement.In("app", "b", "a", "b")).ShouldBe(Selector.Of(Requirement.In("app", "a", "b")));

    [Fact]
    public void Selectors_that_differ_have_different_texts() =>
        Gen.Select(SelectorGens.Selectors, SelectorGens.Selectors).Sample(
            (one, other) => one.Equals(other).ShouldBe(one.ToString() == other.ToString()), iter: 1000);
}
