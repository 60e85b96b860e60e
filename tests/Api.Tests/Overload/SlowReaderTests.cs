using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Vallum.Agents;
using Vallum.Api.Tests.Calls;
using Vallum.Contracts.Agent.V1;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;
using AgentFlow = Vallum.Contracts.Agent.V1.FlowEvent;
using Peer = Vallum.Contracts.Api.V1.Peer;

namespace Vallum.Api.Tests.Overload;

/// <summary>Who stops reading is cut after its deadline. Meanwhile the writer goes on, others are served, and what is kept for the one stays within a bound.</summary>
[Collection(nameof(SmallSilo))]
public sealed class SlowReaderTests(SmallSilo small)
{
    /// <summary>Far below what would be kept if nothing were dropped.</summary>
    private const long Kept = 96L << 20;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private readonly Calls.Api _api = small.Api;
    private readonly string _tenant = SharedSilo.NewName();

    /// <summary>A watch holds one answer of its tenant: at most what the tenant retains, 1,024 batches or 16 MiB.</summary>
    [Fact]
    public async Task A_watch_that_nobody_reads_is_cut_and_the_others_miss_nothing()
    {
        await _api.ApplyAsync(Given.Tenant(_tenant), Given.Segment(_tenant, "web"));
        using var own = GrpcChannel.ForAddress(small.Silo.Address);
        using var deaf = new ResourceService.ResourceServiceClient(own).Watch(new WatchRequest { Parent = $"tenants/{_tenant}" }, cancellationToken: Calls.Api.Cancelled);
        using var other = _api.Resources.Watch(new WatchRequest { Parent = $"tenants/{_tenant}" }, cancellationToken: Calls.Api.Cancelled);
        var cut = await CutAsync();
        var before = GC.GetTotalMemory(true);
        var reading = ReadAsync(other, 2 + (8 * 20));

        for (var round = 0; round < 8; round++)
        {
            await _api.ApplyAsync(Large(round));
        }

        await UntilAsync(async () => await CutAsync() == cut + 1);
        (GC.GetTotalMemory(true) - before).ShouldBeLessThan(Kept);
        await reading.WaitAsync(Long, Calls.Api.Cancelled);
    }

    /// <summary>Flows are in a ring of 8,192 per silo, and 10,000 wait for each that watches.</summary>
    [Fact]
    public async Task A_watch_of_flows_that_nobody_reads_is_cut_and_the_node_goes_on_reporting()
    {
        await using var agent = ConnectedAgent.To(small.Silo, _tenant);
        using var own = GrpcChannel.ForAddress(small.Silo.Address);
        using var deaf = new TrafficService.TrafficServiceClient(own).WatchFlows(new WatchFlowsRequest(), cancellationToken: Calls.Api.Cancelled);
        var cut = await CutAsync();
        var before = GC.GetTotalMemory(true);

        for (var round = 1; round <= 200; round++)
        {
            await agent.ReportAsync(Flows(1000));
        }

        await UntilAsync(async () => await CutAsync() == cut + 1);
        (GC.GetTotalMemory(true) - before).ShouldBeLessThan(Kept);
        var listed = await new TrafficService.TrafficServiceClient(small.Silo.Channel).ListFlowsAsync(new ListFlowsRequest { Limit = 10_000 }, cancellationToken: Calls.Api.Cancelled);
        listed.Flows.Count.ShouldBeInRange(1, 8192);
    }

    /// <summary>Behind the one update that is written to an agent nothing waits: the next is derived from what is then wanted.</summary>
    [Fact]
    public async Task An_agent_that_does_not_read_is_reset_and_the_next_node_has_every_change()
    {
        var (deafNode, node) = ($"{_tenant}-deaf", $"{_tenant}-node");
        await _api.ApplyAsync([Given.Node(node), Given.Node(deafNode), .. Given.Shop(_tenant, node), Given.Endpoint(_tenant, "v", deafNode), .. Large(0)]);
        using var own = GrpcChannel.ForAddress(small.Silo.Address);
        using var deaf = new AgentService.AgentServiceClient(own).Connect(cancellationToken: Calls.Api.Cancelled);
        await using var agent = ConnectedAgent.To(small.Silo, node);
        var resets = await small.CountAsync("vallum_agent_resets");
        await deaf.RequestStream.WriteAsync(new AgentMessage { Hello = new InMemoryAgent(deafNode).Hello() }, Calls.Api.Cancelled);
        var before = GC.GetTotalMemory(true);

        for (var round = 0; round < 5; round++)
        {
            await _api.ApplyAsync(Large(round));
            await UntilAsync(async () => (await _api.Nodes.GetNodeAsync(new GetRequest { Name = $"nodes/{node}" }, cancellationToken: Calls.Api.Cancelled)).Status.InSync);
        }

        await UntilAsync(async () => await small.CountAsync("vallum_agent_resets") == resets + 1);
        (GC.GetTotalMemory(true) - before).ShouldBeLessThan(Kept);
        agent.Agent.Faults.ShouldBeEmpty();
    }

    /// <summary>16 messages of an agent wait in its session, and it is listened to at a pace; the rest waits in its own connection.</summary>
    [Fact]
    public async Task An_agent_that_talks_without_end_waits_in_its_own_connection()
    {
        await using var loud = ConnectedAgent.To(small.Silo, $"{_tenant}-loud");
        using var leaving = new CancellationTokenSource();
        var report = Flows(1000);
        var talking = TalkAsync();
        var before = GC.GetTotalMemory(true);
        var start = Stopwatch.GetTimestamp();

        for (var round = 0; round < 20; round++)
        {
            await _api.ApplyAsync(Given.Tenant($"{_tenant}-{round}"));
        }

        await Task.Delay(TimeSpan.FromSeconds(1), Calls.Api.Cancelled);
        await leaving.CancelAsync();
        var sent = await talking;
        // A burst of 1,000, 500 each second, 16 in the session, and what fits into the connection's window.
        ((double)sent).ShouldBeLessThan(1000 + (500 * Stopwatch.GetElapsedTime(start).TotalSeconds) + 100);
        (GC.GetTotalMemory(true) - before).ShouldBeLessThan(Kept);

        async Task<int> TalkAsync()
        {
            var count = 0;
            for (; !leaving.IsCancellationRequested; count++)
            {
                await loud.ReportAsync(report);
            }

            return count;
        }
    }

    private static async Task ReadAsync(AsyncServerStreamingCall<WatchEvent> watch, int objects)
    {
        var seen = new HashSet<string>();
        while (seen.Count < objects)
        {
            (await watch.ResponseStream.MoveNext(Calls.Api.Cancelled)).ShouldBeTrue();
            if (watch.ResponseStream.Current.Name is { Length: > 0 } name)
            {
                seen.Add(name);
            }
        }
    }

    /// <summary>20 policies of 100 KB each.</summary>
    private IMessage[] Large(int round) =>
        [.. Enumerable.Range(0, 20).Select(i => Given.Policy(_tenant, $"p{round}-{i}", "web", "80", [.. Enumerable.Range(0, 100).Select(peer => new Peer { IpBlock = Block(round, i, peer) })]))];

    private static IpBlock Block(int round, int policy, int peer) =>
        new() { Cidr = $"2001:db8:{(round * 100) + policy:x}::/48", Except = { Enumerable.Range(0, 20).Select(e => $"2001:db8:{(round * 100) + policy:x}:{peer:x}:{e:x}::/80") } };

    private NodeReport Flows(int count) => new()
    {
        Run = 1,
        Stream = 1,
        Flows =
        {
            Enumerable.Range(0, count).Select(i => new AgentFlow
            {
                Time = Timestamp.FromDateTimeOffset(DateTimeOffset.UnixEpoch.AddSeconds(i)),
                Source = ByteString.CopyFrom(10, 0, 0, 1),
                Destination = ByteString.CopyFrom(10, 0, 0, 2),
                Protocol = 6,
                SourcePort = (uint)i,
                DestinationPort = 80,
                SourceEndpoint = $"{_tenant}/a",
                Reason = new string('r', 300),
            }),
        },
    };

    private Task<double> CutAsync() => small.CountAsync("vallum_api_slow_readers");

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Long);
            await Task.Delay(20, Calls.Api.Cancelled);
        }
    }
}
