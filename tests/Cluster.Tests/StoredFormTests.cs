using Vallum.Cluster.Objects;
using Vallum.Silo.Grains.Objects;

namespace Vallum.Cluster.Tests;

public sealed class StoredFormTests
{
    [Theory]
    [InlineData(ObjectKind.Policy, true)]
    [InlineData(ObjectKind.NetworkSet, true)]
    [InlineData(ObjectKind.Endpoint, false)]
    [InlineData(ObjectKind.TenantEntry, false)]
    [InlineData(ObjectKind.TenantPending, false)]
    public void What_people_change_is_stored_with_the_state_before(ObjectKind kind, bool before)
    {
        var change = StoredForm.ChangesOf([Deleted(kind, "one", 10)]).ShouldHaveSingleItem();

        change.Object.ShouldBeNull();
        (change.Before is not null).ShouldBe(before);
    }

    [Fact]
    public void A_very_large_tenant_that_goes_is_stored_as_one_batch_and_says_of_what_there_is_room_for_what_it_was()
    {
        var changes = StoredForm.ChangesOf([.. Enumerable.Range(0, 20_000).Select(number => Deleted(ObjectKind.Policy, $"policy-{number}", 1000))]);

        changes.Length.ShouldBe(20_000);
        changes.Sum(change => change.Bytes).ShouldBeInRange(5 << 20, 6 << 20);
        changes[0].Before.ShouldNotBeNull().Content.Length.ShouldBe(1000);
        changes[^1].Before.ShouldBeNull();
    }

    private static ScopeEdit Deleted(ObjectKind kind, string name, int bytes) => new(
        new ScopeKey(kind, name),
        new ScopeObject(new ObjectDocument(kind, name, [.. new byte[bytes]], "u", 1, 1, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch), name),
        null);
}
