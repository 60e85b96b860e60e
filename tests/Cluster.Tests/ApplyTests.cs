using Vallum.Cluster.Objects;
using Vallum.Cluster.Tests.Hosts;

namespace Vallum.Cluster.Tests;

public sealed class ApplyTests(SharedSilo shared)
{
    private readonly string _name = SharedSilo.NewTenant();

    private ITenantGrain Tenant => shared.Silo.Tenant(_name);

    [Fact]
    public async Task What_is_applied_is_read_back_in_the_order_of_names()
    {
        var reply = await Tenant.Apply(Make.Batch(Make.Shop(_name, 5)));

        reply.Fault.ShouldBeNull();
        reply.Revision.ShouldBe(1);
        reply.Outcomes.ShouldAllBe(outcome => outcome.Type == ChangeType.Created);
        var first = await Tenant.List(new ListObjects(ObjectKind.Endpoint, "", 3));
        first.Documents.Select(document => document.Name).ShouldBe(["e0", "e1", "e2"]);
        first.More.ShouldBeTrue();
        var rest = await Tenant.List(new ListObjects(ObjectKind.Endpoint, "e2", 3));
        rest.Documents.Select(document => document.Name).ShouldBe(["e3", "e4"]);
        rest.More.ShouldBeFalse();
        var one = (await Tenant.Get(ObjectKind.Segment, "web")).ShouldNotBeNull();
        (one.Generation, one.Revision).ShouldBe((1, 1));
        (await Tenant.Get(ObjectKind.Segment, "none")).ShouldBeNull();
    }

    [Fact]
    public async Task Validate_only_answers_what_would_be_and_changes_nothing()
    {
        var reply = await Tenant.Apply(Make.Dry(Make.Shop(_name, 2)));

        reply.Fault.ShouldBeNull();
        reply.Outcomes.ShouldAllBe(outcome => outcome.Type == ChangeType.Created && outcome.After != null);
        reply.Revision.ShouldBe(0);
        (await Tenant.Get(ObjectKind.Tenant, _name)).ShouldBeNull();
    }

    [Fact]
    public async Task An_unchanged_batch_writes_nothing_and_keeps_the_revision()
    {
        var batch = Make.Batch(Make.Shop(_name, 3));
        await Tenant.Apply(batch);
        var writes = shared.Silo.Storage.WritesOf(Tenant.GetGrainId());

        var again = await Tenant.Apply(batch);

        again.Outcomes.ShouldAllBe(outcome => outcome.Type == ChangeType.Unchanged);
        again.Revision.ShouldBe(1);
        shared.Silo.Storage.WritesOf(Tenant.GetGrainId()).ShouldBe(writes);
    }

    [Fact]
    public async Task A_change_of_one_object_is_one_row_write()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 3)));
        var writes = shared.Silo.Storage.WritesOf(Tenant.GetGrainId());

        for (var i = 0; i < 10; i++)
        {
            (await Tenant.Apply(Make.Batch(Make.Policy(_name, $"p{i}", ("app", "web"), ("app", "db"))))).Fault.ShouldBeNull();
        }

        (shared.Silo.Storage.WritesOf(Tenant.GetGrainId()) - writes).ShouldBe(10);
    }

    [Fact]
    public async Task Batches_that_come_together_share_row_writes()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 1)));
        var writes = shared.Silo.Storage.WritesOf(Tenant.GetGrainId());

        var replies = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Tenant.Apply(Make.Batch(Make.Policy(_name, $"p{i}", ("app", "web"), ("app", "db"))))));

        replies.ShouldAllBe(reply => reply.Fault == null);
        replies.Select(reply => reply.Revision).Distinct().Count().ShouldBe(200);
        (shared.Silo.Storage.WritesOf(Tenant.GetGrainId()) - writes).ShouldBeLessThan(100);
    }

    [Fact]
    public async Task One_bad_object_changes_nothing_and_every_violation_is_told()
    {
        await Tenant.Apply(Make.Batch(Make.Tenant(_name)));

        var reply = await Tenant.Apply(Make.Batch(
            Make.Segment(_name, "web"),
            Make.Endpoint(_name, "a", "nowhere", "n0", SharedSilo.NewAddress()),
            Make.SetPolicy(_name, "p", "no-such-set")));

        var fault = reply.Fault.ShouldNotBeNull();
        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Violations.Select(violation => (violation.Change, violation.Field, violation.Reason)).ShouldBe(
            [(1, "spec.segment", "UNKNOWN_SEGMENT"), (2, "spec.ingress[0].peers[0].networkSet", "UNKNOWN_NETWORK_SET")]);
        reply.Outcomes.ShouldBeEmpty();
        (await Tenant.Get(ObjectKind.Segment, "web")).ShouldBeNull();
    }

    [Fact]
    public async Task Junk_is_refused_with_a_reason()
    {
        var reply = await Tenant.Apply(Make.Batch(Make.Tenant(_name) with { Content = [0xff, 0xff, 0xff] }));

        reply.Fault.ShouldNotBeNull().Violations.ShouldHaveSingleItem().Reason.ShouldBe("MALFORMED");
    }

    [Fact]
    public async Task An_object_under_another_name_than_its_own_is_refused()
    {
        var reply = await Tenant.Apply(Make.Batch(Make.Tenant(_name), Make.Segment("another", "web")));

        reply.Fault.ShouldNotBeNull().Violations.ShouldHaveSingleItem().Reason.ShouldBe("NAME_MISMATCH");
    }

    [Fact]
    public async Task An_etag_that_is_not_the_current_one_is_a_conflict()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 0)));
        var changed = Make.Segment(_name, "web", Make.Selector(("app", "web")));

        (await Tenant.Apply(Make.Batch(changed with { Etag = "7" }))).Fault.ShouldNotBeNull().Reason.ShouldBe("ETAG_MISMATCH");
        (await Tenant.Apply(Make.Batch(changed with { Etag = "1" }))).Outcomes.ShouldHaveSingleItem().Type.ShouldBe(ChangeType.Updated);
        var document = (await Tenant.Get(ObjectKind.Segment, "web")).ShouldNotBeNull();
        (document.Generation, document.Revision).ShouldBe((2, 2));
    }

    [Fact]
    public async Task Modes_say_what_must_be_there_and_what_must_not()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 0)));
        var web = Make.Segment(_name, "web");
        var db = Make.Segment(_name, "db");

        (await Tenant.Apply(Make.Batch(web with { Mode = ChangeMode.Create }))).Fault.ShouldNotBeNull().Kind.ShouldBe(FaultKind.AlreadyExists);
        (await Tenant.Apply(Make.Batch(db with { Mode = ChangeMode.Update }))).Fault.ShouldNotBeNull().Kind.ShouldBe(FaultKind.NotFound);
        (await Tenant.Apply(Make.Batch(Make.Delete(ObjectKind.Segment, "db")))).Fault.ShouldNotBeNull().Kind.ShouldBe(FaultKind.NotFound);
        (await Tenant.Apply(Make.Batch(Make.Delete(ObjectKind.Segment, "db") with { Mode = ChangeMode.DeleteIfThere })))
            .Outcomes.ShouldHaveSingleItem().Type.ShouldBe(ChangeType.Unchanged);
        (await Tenant.Apply(Make.Batch(db, db))).Fault.ShouldNotBeNull().Reason.ShouldBe("DUPLICATE_OBJECT");
    }

    [Fact]
    public async Task A_retry_with_the_same_request_id_is_answered_as_the_first_try_was()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 0)));
        var request = Make.Request("r1", Make.Segment(_name, "db") with { Mode = ChangeMode.Create });

        var replies = await Task.WhenAll(Tenant.Apply(request), Tenant.Apply(request), Tenant.Apply(request));

        replies.ShouldAllBe(reply => reply.Fault == null && reply.Revision == 2 && reply.Outcomes[0].Type == ChangeType.Created);
        (await Tenant.Get(ObjectKind.Segment, "db")).ShouldNotBeNull().Generation.ShouldBe(1);
        (await Tenant.Apply(Make.Request("r1", Make.Segment(_name, "a"), Make.Segment(_name, "b")))).Fault.ShouldNotBeNull().Reason.ShouldBe("REQUEST_ID_REUSED");
    }

    [Fact]
    public async Task Nothing_is_owned_by_a_tenant_that_does_not_exist()
    {
        var reply = await Tenant.Apply(Make.Batch(Make.Segment(_name, "web")));

        var fault = reply.Fault.ShouldNotBeNull();
        (fault.Kind, fault.Reason).ShouldBe((FaultKind.NotFound, "UNKNOWN_TENANT"));
    }

    [Fact]
    public async Task A_segment_that_is_named_stays_until_nobody_names_it()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 1)));

        (await Tenant.Apply(Make.Batch(Make.Delete(ObjectKind.Segment, "web")))).Fault.ShouldNotBeNull().Reason.ShouldBe("SEGMENT_IN_USE");
        (await Tenant.Apply(Make.Batch(Make.Delete(ObjectKind.Segment, "web"), Make.Delete(ObjectKind.Endpoint, "e0")))).Fault.ShouldBeNull();
    }

    [Fact]
    public async Task A_tenant_that_owns_something_goes_only_with_all_of_it()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 2)));
        var address = SharedSilo.NewAddress();
        await Tenant.Apply(Make.Batch(Make.Endpoint(_name, "x", "web", "n0", address)));

        (await Tenant.Apply(Make.Batch(Make.Delete(ObjectKind.Tenant, _name)))).Fault.ShouldNotBeNull().Reason.ShouldBe("TENANT_NOT_EMPTY");
        var reply = await Tenant.Apply(Make.Batch(Make.Delete(ObjectKind.Tenant, _name) with { Mode = ChangeMode.DeleteAll }));

        reply.Fault.ShouldBeNull();
        reply.Outcomes.ShouldHaveSingleItem().Type.ShouldBe(ChangeType.Deleted);
        (await Tenant.List(new ListObjects(ObjectKind.Endpoint, "", 10))).Documents.ShouldBeEmpty();
        (await Tenant.OwnerOf(address)).ShouldBeNull();
        (await shared.Silo.Cluster.Get(ObjectKind.TenantEntry, _name)).ShouldBeNull();
        (await Tenant.Status()).Nodes.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_network_set_made_a_moment_ago_can_be_named()
    {
        await Tenant.Apply(Make.Batch(Make.Tenant(_name)));
        for (var i = 0; i < 20; i++)
        {
            (await shared.Silo.Cluster.Apply(Make.Batch(Make.NetworkSet($"{_name}-{i}", "192.0.2.0/24")))).Fault.ShouldBeNull();
            (await Tenant.Apply(Make.Batch(Make.SetPolicy(_name, $"p{i}", $"{_name}-{i}")))).Fault.ShouldBeNull();
        }
    }
}
