using System.Diagnostics;
using Grpc.Core;
using Shouldly;
using Vallum.Agents;
using Vallum.Distribution.Tests.Worlds;
using Vallum.Policies.Model;
using Vallum.Testing.Worlds;
using Xunit;

namespace Vallum.Distribution.Tests.Sessions;

public sealed class SessionTests
{
    private static readonly ClusterChange AllowWeb = Given.Policy("red/p", "app=db", ingress: [Given.Allow([Given.Endpoints("app=web")])]);

    [Fact]
    public async Task An_agent_that_holds_everything_is_sent_nothing_but_the_end_of_the_snapshot()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using (silo.Connect(agent))
        {
            await Converges(cluster, agent);
        }

        var received = agent.Received;
        received.ShouldBeGreaterThan(0);
        var updates = agent.Updates;
        await using var again = silo.Connect(agent);
        await Eventually.BecomesTrue(() => agent.Updates > updates, () => "no update after the reconnect");

        agent.Received.ShouldBe(received);
        agent.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task An_agent_that_was_away_gets_the_differences_only()
    {
        var (cluster, agent, witness) = (World(), new InMemoryAgent("n1"), new InMemoryAgent("n3"));
        cluster.Apply([Given.Endpoint("red/db3", "10.0.0.33", "app=db", node: "n3")]);
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var other = silo.Connect(witness);
        await using (silo.Connect(agent))
        {
            await Converges(cluster, agent);
        }

        var (received, wholes) = (agent.Received, agent.Wholes);
        cluster.Apply([Web("w9", "n2", "10.0.0.99")]);
        await Converges(cluster, witness);
        await using var again = silo.Connect(agent);
        await Converges(cluster, agent);

        agent.Asked.ShouldBe(1);
        (agent.Received - received).ShouldBe(1);
        agent.Wholes.ShouldBe(wholes);
    }

    [Fact]
    public async Task A_tenant_that_starts_anew_disturbs_nobody()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var stream = silo.Connect(agent);
        await Converges(cluster, agent);
        var updates = agent.Updates;

        cluster.Reactivate("red");
        cluster.Apply([Web("w8", "n2", "10.0.0.98")]);
        await Converges(cluster, agent);

        agent.Updates.ShouldBe(updates + 1);
        agent.Removals.ShouldBe(0);
    }

    [Fact]
    public async Task A_node_that_a_revision_does_not_concern_has_it_at_once()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var stream = silo.Connect(agent);
        await Converges(cluster, agent);
        var updates = agent.Updates;

        cluster.Apply([Given.Segment("red", "unused")]);
        await Eventually.BecomesTrue(() => cluster.IsRealized("n1"), () => cluster.ProgressText("n1"));

        agent.Updates.ShouldBe(updates);
    }

    [Fact]
    public async Task That_the_last_node_has_arrived_is_told_at_once()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        var options = FakeSilo.Quick();
        (options.ReportWindow, options.KeepAlive) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        await using var silo = await FakeSilo.StartAsync(cluster, options);
        await using var stream = silo.Connect(agent);
        await Eventually.BecomesTrue(() => agent.Updates > 0, () => "no update");

        for (var number = 1; number <= 20; number++)
        {
            cluster.Apply([Web($"w{number}", "n2", $"10.0.2.{number}")]);
            await Eventually.BecomesTrue(
                () => cluster.ReportOf("red")?.Nodes.SingleOrDefault() is { Node: "n1" } n && n.AppliedRevision == cluster.Tenant("red").Revision,
                () => $"{cluster.ReportOf("red")}");
        }
    }

    [Fact]
    public async Task A_node_that_holds_only_members_of_a_tenant_reports_for_it()
    {
        var cluster = new FakeCluster();
        cluster.Apply(
        [
            Given.Tenant("red"), Given.Tenant("blue"), Given.Endpoint("blue/b1", "10.0.1.1", "app=web", node: "n2"), Given.Endpoint("red/db", "10.0.0.1", "app=db", node: "n1"),
            Given.Policy("red/p", ingress: [Given.Allow([Given.Endpoints(Given.Of(new TenantScope.Named(new TenantName("blue"))))])]),
        ]);
        var agent = new InMemoryAgent("n1");
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var stream = silo.Connect(agent);
        await Converges(cluster, agent);

        cluster.Apply([Given.Endpoint("blue/b2", "10.0.1.2", "app=web", node: "n2")]);
        await Converges(cluster, agent);

        await Eventually.BecomesTrue(
            () => cluster.ReportOf("blue")?.Nodes.SingleOrDefault() is { Node: "n1" } n && n.AppliedRevision == cluster.Tenant("blue").Revision,
            () => $"{cluster.ReportOf("blue")}");
    }

    [Fact]
    public async Task A_policy_that_looks_into_a_tenant_that_does_not_answer_waits_and_other_tenants_go_on()
    {
        var cluster = World();
        cluster.Apply([Given.Tenant("green"), Given.Endpoint("green/g", "10.0.2.1", "app=web", node: "n1")]);
        cluster.Unreachable.Add("blue");
        var agent = new InMemoryAgent("n1");
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var stream = silo.Connect(agent);
        await Converges(cluster, agent);
        var before = agent.State;

        cluster.Apply([Given.Policy("red/q", ingress: [Given.Allow([Given.Endpoints(Given.Of(new TenantScope.Named(new TenantName("blue"))))])])]);
        cluster.Apply([Given.Endpoint("green/g2", "10.0.2.2", "app=web", node: "n1")]);
        await Eventually.BecomesTrue(
            () => agent.State.Resources[(Contracts.Agent.V1.ResourceKind.Binding, "green")].Entries.Count == 2, () => "green has to wait for red");
        agent.State.Resources[(Contracts.Agent.V1.ResourceKind.Binding, "red")].ShouldBe(before.Resources[(Contracts.Agent.V1.ResourceKind.Binding, "red")]);
        silo.Hub.Counts.Waiting.ShouldBe(1);

        cluster.Unreachable.Clear();
        await Converges(cluster, agent);
        agent.Faults.ShouldBeEmpty();
    }

    [Fact]
    public async Task Removing_a_policy_takes_what_only_it_needed_from_the_node()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var stream = silo.Connect(agent);
        await Converges(cluster, agent);

        cluster.Apply([new ClusterChange.RemovePolicy(new PolicyId(new TenantName("red"), "p"))]);
        await Converges(cluster, agent);

        agent.Removals.ShouldBe(2);
    }

    [Fact]
    public async Task A_refused_update_is_reported_as_failed_until_it_is_in_the_kernel()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        var kernel = new TaskCompletionSource();
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var stream = silo.Connect(agent);
        await Converges(cluster, agent);
        await Eventually.BecomesTrue(() => cluster.IsRealized("n1"), () => cluster.ProgressText("n1"));

        agent.Refused = kernel.Task;
        agent.Decide = _ => Task.FromResult(Conduct.Refuse);
        cluster.Apply([Web("w7", "n2", "10.0.0.97")]);
        await Eventually.BecomesTrue(() => cluster.ReportOf("red")!.Nodes.Single().Error == "refused by test", () => $"{cluster.ReportOf("red")}");
        cluster.IsRealized("n1").ShouldBeFalse();

        kernel.SetResult();
        await Eventually.BecomesTrue(() => cluster.IsRealized("n1"), () => cluster.ProgressText("n1"));
        cluster.ReportOf("red")!.Nodes.Single().Error.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_node_that_disconnects_vanishes_from_the_reports()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using (silo.Connect(agent))
        {
            await Eventually.BecomesTrue(() => cluster.IsRealized("n1"), () => cluster.ProgressText("n1"));
        }

        await Eventually.BecomesTrue(() => cluster.ReportOf("red")!.Nodes.IsEmpty, () => $"{cluster.ReportOf("red")}");
    }

    [Fact]
    public async Task A_silent_agent_is_cut_off()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1") { Decide = _ => Task.FromResult(Conduct.LoseAck) });
        var options = FakeSilo.Quick();
        options.AckDeadline = TimeSpan.FromMilliseconds(100);
        await using var silo = await FakeSilo.StartAsync(cluster, options);
        await using var stream = silo.Connect(agent);

        (await Should.ThrowAsync<RpcException>(stream.Session)).StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
    }

    [Fact]
    public async Task An_agent_that_does_not_read_is_cut_off()
    {
        var cluster = World();
        var options = FakeSilo.Quick();
        options.WriteDeadline = TimeSpan.FromMilliseconds(100);
        await using var silo = await FakeSilo.StartAsync(cluster, options);
        var stream = new DeafStream();
        var session = new Silo.Distribution.Sessions.AgentSession(stream, new InMemoryAgent("n1").Hello(), "s", silo.Scope);

        var ended = await Should.ThrowAsync<RpcException>(session.RunAsync(CancellationToken.None, CancellationToken.None));

        ended.StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
        stream.WasAborted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_silo_that_stops_tells_its_agents_to_go_elsewhere()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var stream = silo.Connect(agent);
        await Converges(cluster, agent);

        await silo.DrainAsync();
        await stream.Session.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        await stream.Agent.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        agent.WasDrained.ShouldBeTrue();
    }

    [Fact]
    public async Task A_session_whose_node_another_session_serves_ends()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var first = silo.Connect(agent);
        await Converges(cluster, agent);
        await using var second = silo.Connect(new InMemoryAgent("n1") { InstanceId = agent.InstanceId });

        (await Should.ThrowAsync<RpcException>(first.Session.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken))).StatusCode.ShouldBe(StatusCode.Aborted);
    }

    [Fact]
    public async Task A_tenant_that_nobody_needs_is_dropped_after_the_grace_time()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        var options = FakeSilo.Quick();
        options.Grace = TimeSpan.FromMilliseconds(150);
        await using var silo = await FakeSilo.StartAsync(cluster, options);
        await using (silo.Connect(agent))
        {
            await Converges(cluster, agent);
            silo.Hub.Counts.Tenants.ShouldBeGreaterThan(0);
        }

        await Eventually.BecomesTrue(() => silo.Hub.Counts is (0, 0, 0), () => $"{silo.Hub.Counts}");
        await using var again = silo.Connect(agent);
        cluster.Apply([Web("w6", "n1", "10.0.0.96")]);
        await Converges(cluster, agent);
    }

    [Fact]
    public async Task A_node_of_whose_tenants_one_does_not_answer_is_not_in_sync_and_says_which()
    {
        var (cluster, agent) = (World(), new InMemoryAgent("n1"));
        cluster.Apply([Given.Tenant("blue"), Given.Endpoint("blue/b", "10.0.1.1", "app=web", node: "n1")]);
        cluster.Unreachable.Add("blue");
        var options = FakeSilo.Quick();
        options.SnapshotWait = TimeSpan.FromMilliseconds(100);
        await using var silo = await FakeSilo.StartAsync(cluster, options);
        await using var stream = silo.Connect(agent);

        await Eventually.BecomesTrue(() => cluster.Statuses.GetValueOrDefault("n1") is { LastAckTime: not null }, () => "nothing is acknowledged");
        var status = cluster.Statuses["n1"];
        (status.InSync, status.LastError).ShouldBe((false, "nothing is known yet of blue"));
        (cluster.ReportOf("blue")?.Nodes ?? []).ShouldAllBe(node => node.Arriving && node.AppliedRevision == 0);

        cluster.Unreachable.Remove("blue");
        await Converges(cluster, agent);
        await Eventually.BecomesTrue(() => cluster.Statuses["n1"] is { InSync: true, LastError: "" }, () => $"{cluster.Statuses["n1"]}");
    }

    [Fact]
    public async Task That_a_node_is_in_sync_again_is_told_at_once()
    {
        var cluster = World();
        var going = new TaskCompletionSource();
        var agent = new InMemoryAgent("n1");
        await using var silo = await FakeSilo.StartAsync(cluster);
        await using var stream = silo.Connect(agent);
        await Eventually.BecomesTrue(() => cluster.Statuses.GetValueOrDefault("n1") is { InSync: true }, () => "not in sync");
        agent.Decide = async _ =>
        {
            await stream.ReportAsync(new Contracts.Agent.V1.NodeReport());
            await going.Task;
            return Conduct.Apply;
        };

        cluster.Apply([Web("w7", "n2", "10.0.0.97")]);
        await Eventually.BecomesTrue(() => cluster.Statuses["n1"] is { InSync: false }, () => "never behind");
        going.SetResult();
        var told = Stopwatch.StartNew();
        await Eventually.BecomesTrue(() => cluster.Statuses["n1"] is { InSync: true }, () => "not in sync again");

        // Other changes are told once a second.
        told.Elapsed.ShouldBeLessThan(TimeSpan.FromMilliseconds(500));
    }

    private static FakeCluster World()
    {
        var cluster = new FakeCluster();
        cluster.Apply([Given.Tenant("red"), Given.Node("n1", "192.168.0.1"), Given.Endpoint("red/db", "10.0.0.1", "app=db", node: "n1"), Web("w1", "n2", "10.0.0.2"), Web("w2", "n2", "10.0.0.3"), AllowWeb]);
        return cluster;
    }

    private static ClusterChange Web(string name, string node, string address) => Given.Endpoint($"red/{name}", address, "app=web", node: node);

    private static async Task Converges(FakeCluster cluster, InMemoryAgent agent)
    {
        var wanted = WireResources.Wanted(cluster.State, agent.Node);
        await Eventually.BecomesTrue(() => agent.State.Digest == wanted.Digest, () => $"{agent.Node} does not hold what it should; {string.Join("; ", agent.Faults)}");
        agent.Faults.ShouldBeEmpty();
    }
}
