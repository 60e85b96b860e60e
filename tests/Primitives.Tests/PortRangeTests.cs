using CsCheck;

namespace Vallum.Primitives.Tests;

public sealed class PortRangeTests
{
    [Fact]
    public void It_holds_its_ends_and_what_lies_between() =>
        Gen.Select(Gen.Int[0, 65535], Gen.Int[0, 65535], Gen.Int[-1, 65536]).Sample((a, b, port) =>
        {
            var range = new PortRange(Math.Min(a, b), Math.Max(a, b));
            range.Contains(port).ShouldBe(port >= Math.Min(a, b) && port <= Math.Max(a, b));
            range.Count.ShouldBe(Math.Abs(a - b) + 1);
        });

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(5, 65536)]
    [InlineData(6, 5)]
    public void What_is_no_range_is_refused(int first, int last) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new PortRange(first, last));

    [Fact]
    public void A_single_port_is_written_alone()
    {
        PortRange.Single(80).ToString().ShouldBe("80");
        new PortRange(80, 81).ToString().ShouldBe("80-81");
    }

    [Fact]
    public void Ranges_are_ordered_by_first_then_last()
    {
        PortRange[] ordered = [new(1, 2), new(1, 3), new(2, 2)];

        ordered.Reverse().Order().ShouldBe(ordered);
    }
}
