using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Vallum.Agents;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;
using AgentFlow = Vallum.Contracts.Agent.V1.FlowEvent;
using AgentDirection = Vallum.Contracts.Agent.V1.Direction;
using AgentDrift = Vallum.Contracts.Agent.V1.DriftFinding;
using FlowEvent = Vallum.Contracts.Api.V1.FlowEvent;

namespace Vallum.Api.Tests;

/// <summary>What agents report is what callers are told: hits of policies, who is denied, flows, drift.</summary>
public sealed class TrafficTests(SharedSilo shared)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
    private readonly Calls.Api _api = shared.Api;
    private readonly string _tenant = SharedSilo.NewName();

    private string Parent => $"tenants/{_tenant}";

    private string Policy => $"{Parent}/policies/db";

    private TrafficService.TrafficServiceClient Traffic => new(shared.Silo.Channel);

    [Fact]
    public async Task Hits_are_summed_over_nodes_and_absent_where_nobody_counts()
    {
        await ShopAsync();
        (await HitsAsync()).ShouldBeNull();
        await using var a = ConnectedAgent.To(shared.Silo, $"{_tenant}-a");
        await using var b = ConnectedAgent.To(shared.Silo, $"{_tenant}-b");
        await a.ReportAsync(Counted(1, 100));
        await b.ReportAsync(Counted(1, 20));

        await UntilAsync(async () => (await HitsAsync())?.Nodes == 2);
        var hits = (await HitsAsync())!;
        (hits.Packets, hits.Bytes, hits.NodesMerged).ShouldBe((120UL, 7200UL, 0));
        hits.Rules.ShouldHaveSingleItem().ShouldBe(new RuleHits
        {
            Rule = "ingress-0",
            Direction = Contracts.Api.V1.Direction.Ingress,
            Packets = 120,
            Bytes = 7200,
            LastHit = hits.LastHit,
        });
        var listed = await _api.Policies.ListPoliciesAsync(new ListRequest { Parent = Parent }, cancellationToken: Calls.Api.Cancelled);
        listed.Policies.ShouldHaveSingleItem().Status.Hits.Rules.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_agent_that_moves_to_another_silo_is_neither_lost_nor_counted_twice()
    {
        await using var first = await TestSilo.StartAsync();
        await using var second = await first.JoinAsync();
        var (one, two) = (new PolicyService.PolicyServiceClient(first.Channel), new PolicyService.PolicyServiceClient(second.Channel));
        await new ResourceService.ResourceServiceClient(first.Channel).ApplyAsync(
            Given.Apply([.. Given.Shop(_tenant), Given.Policy(_tenant, "db", "db", "80")]), cancellationToken: Calls.Api.Cancelled);
        var agent = new InMemoryAgent($"{_tenant}-a");
        await using (var connected = ConnectedAgent.To(first, agent))
        {
            await connected.ReportAsync(Counted(1, 100));
            await UntilAsync(async () => await PacketsAsync(one) == 100 && await PacketsAsync(two) == 100);
        }

        (await PacketsAsync(two)).ShouldBe(100UL);
        await using var moved = ConnectedAgent.To(second, agent);
        await moved.ReportAsync(Counted(2, 130));
        await UntilAsync(async () => await PacketsAsync(one) == 130 && await PacketsAsync(two) == 130);
        await Task.Delay(TimeSpan.FromMilliseconds(600), Calls.Api.Cancelled);
        (await PacketsAsync(one)).ShouldBe(130UL);

        async Task<ulong?> PacketsAsync(PolicyService.PolicyServiceClient client)
        {
            var policy = await client.GetPolicyAsync(new GetRequest { Name = Policy }, cancellationToken: Calls.Api.Cancelled);
            return policy.Status?.Hits is { HasPackets: true } hits ? hits.Packets : null;
        }
    }

    [Fact]
    public async Task The_busiest_come_first_and_only_those_of_the_tenant()
    {
        await ShopAsync();
        await using var agent = ConnectedAgent.To(shared.Silo, $"{_tenant}-a");
        await agent.ReportAsync(Counted(1, 100));
        await UntilAsync(async () => (await HitsAsync()) is not null);
        await agent.ReportAsync(Denied(Counted(1, 150, reading: 2), 0));
        await agent.ReportAsync(Denied(Counted(1, 200, reading: 3), 30));

        await UntilAsync(async () => (await TopAsync(TopView.Policies)).Policies is [{ Hits.Packets: 200 }]);
        var policy = (await TopAsync(TopView.Policies)).Policies.ShouldHaveSingleItem();
        (policy.Policy, policy.Tier, policy.Hits.PacketsPerSecond).ShouldBe((Policy, Contracts.Api.V1.Tier.Tenant, 5.0));
        var denied = (await TopAsync(TopView.Denied)).Denied.ShouldHaveSingleItem();
        (denied.Tenant, denied.Segment, denied.Packets, denied.PacketsPerSecond).ShouldBe((Parent, "db", 30UL, 3.0));
        denied.Endpoints.ShouldBe([$"{Parent}/endpoints/d"]);
        var nodes = (await TopAsync(TopView.Nodes, tenant: false)).Nodes;
        nodes.Single(n => n.Node == $"nodes/{_tenant}-a").DeniedPackets.ShouldBe(30UL);
        (await TopAsync(TopView.Denied, other: true)).Denied.ShouldBeEmpty();

        using var watch = Traffic.WatchTop(
            new WatchTopRequest { Top = new GetTopRequest { View = TopView.Policies, Tenant = Parent }, Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) },
            cancellationToken: Calls.Api.Cancelled);
        for (var i = 0; i < 2; i++)
        {
            (await watch.ResponseStream.MoveNext(Calls.Api.Cancelled)).ShouldBeTrue();
            watch.ResponseStream.Current.Policies.ShouldHaveSingleItem().Policy.ShouldBe(Policy);
        }
    }

    [Fact]
    public async Task A_flow_is_listed_filtered_and_followed()
    {
        await ShopAsync();
        await using var agent = ConnectedAgent.To(shared.Silo, $"{_tenant}-a");
        await agent.ReportAsync(Flow(1));
        await UntilAsync(async () => (await FlowsAsync(new FlowFilter { Tenant = Parent })).Count == 1);
        (await FlowsAsync(new FlowFilter { Node = $"nodes/{_tenant}-a" })).Count.ShouldBe(1);
        (await FlowsAsync(new FlowFilter { Party = $"{Parent}/endpoints/d" })).Count.ShouldBe(1);
        (await FlowsAsync(new FlowFilter { Node = $"nodes/{_tenant}-b" })).ShouldBeEmpty();
        (await FlowsAsync(new FlowFilter { Tenant = Parent, Verdict = FlowEvent.Types.Verdict.Logged })).ShouldBeEmpty();

        using var watch = Traffic.WatchFlows(new WatchFlowsRequest { Filter = new FlowFilter { Tenant = Parent }, Recent = 5 }, cancellationToken: Calls.Api.Cancelled);
        (await watch.ResponseStream.MoveNext(Calls.Api.Cancelled)).ShouldBeTrue();
        await agent.ReportAsync(Flow(2));
        (await watch.ResponseStream.MoveNext(Calls.Api.Cancelled).WaitAsync(Long, Calls.Api.Cancelled)).ShouldBeTrue();
        var flow = watch.ResponseStream.Current;
        (flow.SourcePort, flow.Source, flow.Protocol, flow.DestinationPort, flow.DestinationEndpoint, flow.Policy).ShouldBe(
            (2, "192.0.2.7", "tcp", 5432, $"{Parent}/endpoints/d", Policy));
    }

    [Fact]
    public async Task A_node_tells_its_warnings_and_what_it_put_back()
    {
        await ShopAsync();
        await using var agent = ConnectedAgent.To(shared.Silo, $"{_tenant}-a");
        var report = Counted(1, 1);
        report.DriftRepairs = 1;
        report.Warnings.Add("bridge-nf-call-iptables is 0");
        report.Drift.Add(new AgentDrift { Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch), Words = "v4 VALLUM-DENY differs", Repaired = true });
        report.Counts.DeniedPackets = 9;
        await agent.ReportAsync(report);

        await UntilAsync(async () => (await NodeAsync()).Drift.Count == 1);
        var status = await NodeAsync();
        status.Warnings.ShouldBe(["bridge-nf-call-iptables is 0"]);
        (status.Drift[0].Words, status.Drift[0].Repaired, status.DeniedPackets).ShouldBe(("v4 VALLUM-DENY differs", true, 9UL));

        async Task<NodeStatus> NodeAsync() =>
            (await _api.Nodes.GetNodeAsync(new GetRequest { Name = $"nodes/{_tenant}-a" }, cancellationToken: Calls.Api.Cancelled)).Status;
    }

    [Fact]
    public async Task What_is_asked_wrongly_is_said_so()
    {
        (await Refusal.OfAsync(Traffic.GetTopAsync(new GetTopRequest(), cancellationToken: Calls.Api.Cancelled))).Reason.ShouldBe("REQUIRED");
        (await Refusal.OfAsync(Traffic.GetTopAsync(new GetTopRequest { View = TopView.Nodes, Limit = 5000 }, cancellationToken: Calls.Api.Cancelled))).Reason.ShouldBe("OUT_OF_RANGE");
        (await Refusal.OfAsync(Traffic.ListFlowsAsync(new ListFlowsRequest { Filter = new FlowFilter { Tenant = "shop" } }, cancellationToken: Calls.Api.Cancelled))).Reason.ShouldBe("INVALID_NAME");
        (await Refusal.OfAsync(Traffic.ListFlowsAsync(new ListFlowsRequest { Limit = -1 }, cancellationToken: Calls.Api.Cancelled))).Reason.ShouldBe("OUT_OF_RANGE");
    }

    private Task<ApplyResponse> ShopAsync() => _api.ApplyAsync(
        [.. Given.Shop(_tenant, $"{_tenant}-a"), Given.Policy(_tenant, "db", "db", "80"), Given.Node($"{_tenant}-a"), Given.Node($"{_tenant}-b")]);

    private NodeReport Counted(ulong stream, ulong packets, int reading = 1) => new()
    {
        Run = 1,
        Stream = stream,
        Counts = new Counts
        {
            Since = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
            Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(reading * 10)),
            Interval = Duration.FromTimeSpan(TimeSpan.FromSeconds(10)),
            Policies =
            {
                new PolicyCounts
                {
                    Policy = Policy,
                    Tier = Contracts.Agent.V1.Tier.Tenant,
                    Rules =
                    {
                        new RuleCounts
                        {
                            Rule = "ingress-0",
                            Direction = AgentDirection.Ingress,
                            Packets = packets,
                            Bytes = packets * 60,
                            LastHit = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch),
                        },
                    },
                },
            },
        },
    };

    private NodeReport Denied(NodeReport report, ulong packets)
    {
        report.Counts.DeniedPackets = packets;
        report.Counts.Denied.Add(new DeniedCounts
        {
            Direction = AgentDirection.Ingress,
            Profile = $"{_tenant} db",
            Tenant = _tenant,
            Endpoints = { $"{_tenant}/d" },
            EndpointCount = 1,
            Packets = packets,
            Bytes = packets * 60,
        });
        return report;
    }

    private NodeReport Flow(uint port) => new()
    {
        Run = 1,
        Stream = 1,
        Flows =
        {
            new AgentFlow
            {
                Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(port)),
                Verdict = AgentFlow.Types.Verdict.Denied,
                Direction = AgentDirection.Ingress,
                Source = ByteString.CopyFrom(192, 0, 2, 7),
                Destination = ByteString.CopyFrom(10, 0, 0, 1),
                Protocol = 6,
                SourcePort = port,
                DestinationPort = 5432,
                DestinationEndpoint = $"{_tenant}/d",
                Policy = Policy,
            },
        },
    };

    private async Task<PolicyHits?> HitsAsync() =>
        (await _api.Policies.GetPolicyAsync(new GetRequest { Name = Policy }, cancellationToken: Calls.Api.Cancelled)).Status?.Hits;

    private async Task<Top> TopAsync(TopView view, bool tenant = true, bool other = false) => await Traffic.GetTopAsync(
        new GetTopRequest { View = view, Tenant = other ? "tenants/nobody" : tenant ? Parent : "", Limit = 1000 }, cancellationToken: Calls.Api.Cancelled);

    private async Task<IReadOnlyList<FlowEvent>> FlowsAsync(FlowFilter filter) =>
        (await Traffic.ListFlowsAsync(new ListFlowsRequest { Filter = filter }, cancellationToken: Calls.Api.Cancelled)).Flows;

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Calls.Api.Cancelled);
        late.CancelAfter(Long);
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), late.Token);
        }
    }
}
