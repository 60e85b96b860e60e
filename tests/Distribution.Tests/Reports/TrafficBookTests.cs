using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Vallum.Cluster.Traffic;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Api.V1;
using Vallum.Silo.Reports;
using Xunit;
using ApiFlow = Vallum.Contracts.Api.V1.FlowEvent;
using Direction = Vallum.Contracts.Agent.V1.Direction;
using FlowEvent = Vallum.Contracts.Agent.V1.FlowEvent;

namespace Vallum.Distribution.Tests.Reports;

public sealed class TrafficBookTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TrafficBook _book;
    private readonly CountingNode _node = new("n1");

    public TrafficBookTests()
    {
        _book = new TrafficBook(_time);
        _node.Connect();
    }

    private PolicyHits? Hits => _book.Hits([CountingNode.Policy], rules: true)[0];

    [Fact]
    public void A_node_is_not_counted_before_it_has_told_everything()
    {
        Report(_node.Report(more: true));
        _book.Waiting().ShouldBeEmpty();
        Report(_node.Report());
        _book.Waiting().ShouldHaveSingleItem().Node.ShouldBe("n1");
        Hits.ShouldBeNull();
        Exchange();
        Hits.ShouldNotBeNull().Nodes.ShouldBe(1);
    }

    [Fact]
    public void What_is_told_twice_counts_once_and_a_rate_is_over_the_readings_interval()
    {
        _node.Packets = 100;
        Report(_node.Report());
        Exchange();
        _node.Packets = 150;
        var report = _node.Report();
        Report(report);
        Report(report);

        Hits!.Packets.ShouldBe(150UL);
        Hits.Rules.ShouldHaveSingleItem().Packets.ShouldBe(150UL);
        Report(_node.Report());
        Hits.PacketsPerSecond.ShouldBe(0);
    }

    [Fact]
    public void A_rate_ends_with_the_first_reading_that_does_not_name_the_rule()
    {
        Report(_node.Report());
        Exchange();
        _node.Packets = 50;
        Report(_node.Report());
        Hits!.PacketsPerSecond.ShouldBe(5);
        Hits.BytesPerSecond.ShouldBe(300);

        var quiet = _node.Report();
        quiet.Counts.Policies.Clear();
        Report(quiet);
        Hits.PacketsPerSecond.ShouldBe(0);
        Hits.Packets.ShouldBe(50UL);
    }

    [Fact]
    public void A_lower_total_is_no_fall_but_a_new_counting_is_a_new_total()
    {
        _node.Packets = 100;
        Report(_node.Report());
        Exchange();
        _node.Packets = 40;
        Report(_node.Report());
        Hits!.Packets.ShouldBe(100UL);

        _node.Since = _node.Since.AddHours(1);
        Report(_node.Report());
        Hits!.Packets.ShouldBe(40UL);
        Hits.Nodes.ShouldBe(1);
    }

    [Fact]
    public void Without_counters_of_its_own_a_policy_has_no_figure_instead_of_zero()
    {
        var report = _node.Report();
        report.Counts.Policies[0].Rules.Clear();
        report.Counts.Policies[0].Merged = true;
        Report(report);
        Exchange();

        Hits!.HasPackets.ShouldBeFalse();
        (Hits.Nodes, Hits.NodesMerged).ShouldBe((0, 1));

        var counted = _node.Report();
        Report(counted);
        (Hits.HasPackets, Hits.Nodes, Hits.NodesMerged).ShouldBe((true, 1, 0));
    }

    [Fact]
    public void A_node_that_is_away_is_counted_for_an_hour()
    {
        _node.Packets = 7;
        Report(_node.Report());
        Exchange();
        _book.Ended("n1", _node.Session);
        _time.Advance(TrafficBook.Retention);
        _book.Tidy();
        Hits!.Packets.ShouldBe(7UL);
        _time.Advance(TimeSpan.FromSeconds(1));
        _book.Tidy();
        Hits.ShouldBeNull();
    }

    [Fact]
    public void An_agent_that_does_not_count_is_not_a_node_that_counts_zero()
    {
        Report(new NodeReport { DriftRepairs = 3 });
        _book.Waiting().ShouldBeEmpty();
        Report(new NodeReport { Run = 1, Stream = 1 });
        _book.Waiting().ShouldBeEmpty();
    }

    [Fact]
    public void Denied_groups_are_one_over_nodes_and_sorted_by_what_happens_now()
    {
        foreach (var (name, packets) in new[] { ("n1", 5UL), ("n2", 7UL) })
        {
            var node = new CountingNode(name);
            node.Connect();
            Report(Denied(node.Report(), ("web", 0UL)), name, node.Session);
            Exchange();
            Report(Denied(node.Report(), ("web", packets), ("idle", 0UL)), name, node.Session);
        }

        var top = _book.Top(new GetTopRequest { View = TopView.Denied, Limit = 10 }, 10).Denied;
        top.Select(d => (d.Group, d.Packets, d.Nodes, d.EndpointCount)).ShouldBe([("web", 12UL, 2, 2), ("idle", 0UL, 2, 2)]);
        top[0].PacketsPerSecond.ShouldBe(1.2, 0.001);
        top[0].Tenant.ShouldBe("tenants/t");
        top[0].Endpoints.ShouldBe(["tenants/t/endpoints/e"]);
        _book.Top(new GetTopRequest { View = TopView.Denied, Tenant = "tenants/other" }, 10).Denied.ShouldBeEmpty();
    }

    [Fact]
    public async Task Flows_are_kept_in_a_ring_filtered_and_waited_for()
    {
        Report(Flows(_node.Report(), FlowRing.Capacity % 1000 + 1000, "t/e"));
        for (var i = 0; i < 10; i++)
        {
            Report(Flows(_node.Report(), 1000, "u/x"));
        }

        var newest = await AskAsync(new FlowFilter(), limit: 2);
        newest.Flows.Length.ShouldBe(2);
        (await AskAsync(new FlowFilter { Tenant = "tenants/t" }, limit: 10)).Flows.ShouldBeEmpty();
        (await AskAsync(new FlowFilter { Tenant = "tenants/u" }, limit: 10_000)).Flows.Length.ShouldBe(FlowRing.Capacity);
        (await AskAsync(new FlowFilter { Party = "10.0.0.9" }, limit: 10)).Flows.Length.ShouldBe(10);

        var waiting = _book.FlowsAsync(new FlowQuestion(newest.Next, [], 10, TimeSpan.FromSeconds(5)), CancellationToken.None);
        waiting.IsCompleted.ShouldBeFalse();
        Report(Flows(_node.Report(), 1, "t/e"));
        var flow = ApiFlow.Parser.ParseFrom((await waiting.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken)).Flows.ShouldHaveSingleItem());
        (flow.Node, flow.Protocol, flow.Source, flow.SourceEndpoint, flow.DestinationPort).ShouldBe(("nodes/n1", "tcp", "10.0.0.9", "tenants/t/endpoints/e", 80));

        var late = await _book.FlowsAsync(new FlowQuestion(0, [], 10, TimeSpan.Zero), CancellationToken.None);
        late.Dropped.ShouldBeGreaterThan(0UL);
    }

    private static NodeReport Denied(NodeReport report, params ReadOnlySpan<(string Profile, ulong Packets)> groups)
    {
        foreach (var (profile, packets) in groups)
        {
            report.Counts.Denied.Add(new DeniedCounts
            {
                Direction = Direction.Ingress,
                Profile = profile,
                Tenant = "t",
                Endpoints = { "t/e" },
                EndpointCount = 1,
                Packets = packets,
            });
        }

        return report;
    }

    private static NodeReport Flows(NodeReport report, int count, string source)
    {
        report.Flows.Add(Enumerable.Range(0, count).Select(i => new FlowEvent
        {
            Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(i)),
            Verdict = FlowEvent.Types.Verdict.Denied,
            Source = ByteString.CopyFrom(10, 0, 0, 9),
            Destination = ByteString.CopyFrom(10, 0, 0, 1),
            Protocol = 6,
            DestinationPort = 80,
            SourceEndpoint = source,
        }));
        return report;
    }

    private Task<FlowPage> AskAsync(FlowFilter filter, int limit) =>
        _book.FlowsAsync(new FlowQuestion(null, filter.ToByteArray(), limit, TimeSpan.Zero), CancellationToken.None);

    private void Report(NodeReport report, string node = "n1", string? session = null) => _book.Take(node, session ?? _node.Session, report);

    private void Exchange() => _book.Count(_book.Waiting());
}
