using Vallum.Cluster.Compiled;
using Vallum.Cluster.Status;
using Vallum.Cluster.Tests.Hosts;

namespace Vallum.Cluster.Tests;

public sealed class StatusTests(SharedSilo shared)
{
    private readonly string _name = SharedSilo.NewTenant();
    private long _reports;

    private ITenantGrain Tenant => shared.Silo.Tenant(_name);

    [Fact]
    public async Task A_policy_is_realized_when_every_node_of_its_span_has_reached_its_revision()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 4)));
        await Tenant.Apply(Make.Batch(Make.Policy(_name, "p", ("app", "web"), ("app", "db"))));
        await ReportAsync(("n0", 1), ("n1", 1));

        // Endpoints with app=web are e0 and e2, both on n0.
        var pending = await ProgressAsync("p");
        pending.Revision.ShouldBe(2);
        pending.Span.Select(node => (node.Node, node.Connected, node.Applied)).ShouldBe([("n0", true, 1L)]);
        pending.RealizedIn.ShouldBeNull();

        await ReportAsync(("n0", 2), ("n1", 1));
        (await ProgressAsync("p")).RealizedIn.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_change_of_a_groups_members_moves_the_policies_that_name_it_and_no_others()
    {
        await Tenant.Apply(Make.Batch(
            [.. Make.Shop(_name, 2), Make.Policy(_name, "web", ("app", "web"), ("app", "db")), Make.Policy(_name, "db", ("app", "db"), ("app", "cache"))]));

        await Tenant.Apply(Make.Batch(Make.Endpoint(_name, "more", "web", "", SharedSilo.NewAddress(), ("app", "db"))));

        (await ProgressAsync("web")).Revision.ShouldBe(2);
        (await ProgressAsync("db")).Revision.ShouldBe(1);
    }

    [Fact]
    public async Task A_policy_that_is_not_there_has_no_progress_and_one_that_selects_nobody_has_nowhere_to_be()
    {
        await Tenant.Apply(Make.Batch([.. Make.Shop(_name, 1), Make.Policy(_name, "nobody", ("app", "none"), ("app", "db"))]));

        (await Tenant.PolicyStatus(["gone"])).ShouldHaveSingleItem().ShouldBeNull();
        var progress = await ProgressAsync($"tenants/{_name}/policies/nobody");
        progress.Span.ShouldBeEmpty();
        progress.RealizedIn.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_report_that_comes_late_is_ignored()
    {
        await Tenant.Apply(Make.Batch(Make.Shop(_name, 2)));
        await ReportAsync(("n0", 1), ("n1", 1));

        await Tenant.Report(new ProgressReport("hub", 0, [new NodeProgressReport("n0", 0, 0, "old")]));

        var status = await Tenant.Status();
        (status.Revision, status.Segments, status.Endpoints, status.Policies).ShouldBe((1, 1, 2, 0));
        status.Nodes.ShouldAllBe(node => node.Applied == 1 && node.Error == "");
    }

    [Fact]
    public async Task A_segment_tells_its_members_at_the_revision_that_is_asked_for()
    {
        await Tenant.Apply(Make.Batch([.. Make.Shop(_name, 3), Make.Segment(_name, "dbs", Make.Selector(("app", "db")))]));
        var web = shared.Silo.Grains.GetGrain<ISegmentGrain>($"{_name}/web");
        var dbs = shared.Silo.Grains.GetGrain<ISegmentGrain>($"{_name}/dbs");

        (await web.Members(1, "", 2)).Endpoints.ShouldBe(["e0", "e1"]);
        (await web.Members(1, "e1", 2)).Endpoints.ShouldBe(["e2"]);
        (await dbs.Members(1, "", 10)).Endpoints.ShouldBe(["e1"]);
        var moved = await Tenant.Apply(Make.Batch(Make.Endpoint(_name, "more", "web", "n7", SharedSilo.NewAddress(), ("app", "db"))));
        (await dbs.Members(moved.Revision, "", 10)).Endpoints.ShouldBe(["e1", "more"]);
        var status = await dbs.Status(moved.Revision);
        (status.Exists, status.Endpoints).ShouldBe((true, 2));
        status.Nodes.Select(node => node.Node).ShouldBe(["n1", "n7"]);
        (await shared.Silo.Grains.GetGrain<ISegmentGrain>($"{_name}/none").Status(0)).Exists.ShouldBeFalse();
    }

    [Fact]
    public async Task A_node_has_one_session_and_knows_its_tenants()
    {
        await Tenant.Apply(Make.Batch(Make.Tenant(_name)));
        var node = shared.Silo.Grains.GetGrain<INodeGrain>($"node-{_name}");
        var waiting = node.Tenants(0, TimeSpan.FromSeconds(10));
        await Tenant.Apply(Make.Batch(Make.Segment(_name, "web"), Make.Endpoint(_name, "e", "web", $"node-{_name}", SharedSilo.NewAddress())));

        (await waiting).Tenants.ShouldBe([_name]);
        var status = (await node.Status()) with { Connected = true };
        (await node.Attach("s1", "agent-a", status)).ShouldBeTrue();
        (await node.Attach("s2", "agent-b", status)).ShouldBeFalse();
        (await node.Attach("s3", "agent-a", status)).ShouldBeTrue();
        (await node.Report("s1", status)).ShouldBeFalse();
        (await node.Report("s3", status)).ShouldBeTrue();
        (await node.Status()).Connected.ShouldBeTrue();
        await node.Detach("s3");
        (await node.Status()).Connected.ShouldBeFalse();
        (await node.Attach("s4", "agent-b", status)).ShouldBeTrue();
    }

    private Task ReportAsync(params (string Node, long Applied)[] nodes) =>
        Tenant.Report(new ProgressReport("hub", ++_reports, [.. nodes.Select(node => new NodeProgressReport(node.Node, node.Applied, 0, ""))]));

    private async Task<PolicyProgress> ProgressAsync(string policy) => (await Tenant.PolicyStatus([policy])).Single().ShouldNotBeNull();
}
