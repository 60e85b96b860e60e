using Vallum.Contracts.Api.V1;
using Vallum.Scenarios.Judging;
using ApiObject = Vallum.Contracts.Api.V1.Object;

namespace Vallum.Load.Tests;

public class AcknowledgedTests
{
    private const string Name = "tenants/shop/segments/web";

    private readonly Acknowledged _acknowledged = new();

    [Fact]
    public void What_was_committed_last_counts_though_it_was_answered_first()
    {
        _acknowledged.Answered(Segment("later"), 7);
        _acknowledged.Answered(Segment("earlier"), 6);

        _acknowledged.Compare(There("later")).ShouldBeEmpty();
        _acknowledged.Compare(There("earlier")).ShouldHaveSingleItem().ShouldContain("not what was acknowledged at revision 7");
    }

    [Fact]
    public void What_is_lost_is_told()
    {
        _acknowledged.Answered(Segment("one"), 1);

        _acknowledged.Compare(new Dictionary<string, ApiObject>()).ShouldHaveSingleItem().ShouldContain("is not there");
    }

    [Fact]
    public void What_nobody_asked_for_is_told() => _acknowledged.Compare(There("one")).ShouldHaveSingleItem().ShouldContain("nobody asked");

    [Fact]
    public void A_deletion_is_ordered_by_the_revision_of_its_batch()
    {
        _acknowledged.Answered(Segment("one"), 1);
        _acknowledged.Answered(
            new ApplyRequest { Deletes = { Name } },
            new ApplyResponse
            {
                Changes = { new Change { Name = Name, Type = ChangeType.Deleted } },
                Revisions = { new ScopeRevision { Scope = "tenants/shop", Revision = 2 } },
            });

        _acknowledged.Objects.ShouldBeEmpty();
        _acknowledged.Compare(new Dictionary<string, ApiObject>()).ShouldBeEmpty();
        _acknowledged.Compare(There("one")).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public void Where_an_answer_was_missing_either_may_be_there_and_is_then_the_last_word(string label)
    {
        _acknowledged.Answered(Segment("before"), 1);
        _acknowledged.Unanswered([Segment("after")], []);

        _acknowledged.Compare(There(label)).ShouldBeEmpty();
        _acknowledged.Objects.ShouldHaveSingleItem().Segment.Metadata.Labels["is"].ShouldBe(label);
        _acknowledged.Compare(There("something else")).ShouldHaveSingleItem();
    }

    private static ApiObject Segment(string label) => new()
    {
        Segment = new Segment { Name = Name, Metadata = new Metadata { Labels = { { "is", label } } }, Spec = new SegmentSpec() },
    };

    private static Dictionary<string, ApiObject> There(string label)
    {
        var stored = Segment(label);
        // What a server adds does not count.
        (stored.Segment.Metadata.Uid, stored.Segment.Metadata.Generation, stored.Segment.Metadata.Etag) = ("a-uid", 5, "7");
        return new Dictionary<string, ApiObject> { [Name] = stored };
    }
}
