using System.Diagnostics;
using Grpc.Core;
using Vallum.Contracts.Api.V1;
using Vallum.EndToEnd.Tests.Running;

namespace Vallum.EndToEnd.Tests.Restarts;

/// <summary>The control plane goes and comes back; whoever talks to whom does not notice.</summary>
[Collection(nameof(SmallCluster))]
public sealed class SiloRestartTests(SmallFixture fixture, ITestOutputHelper output) : ClusterTest(fixture), IAsyncLifetime
{
    private const string ResourcesSent = "vallum_agent_resources";

    public async ValueTask InitializeAsync() => await SmallWorld.RestoreAsync(Cluster, Cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task After_kill_9_everything_is_there_and_agents_resume_without_a_transfer()
    {
        var before = await Cluster.Api.EtagsAsync(Cancellation);

        await Cluster.UnderTrafficAsync(
            async () =>
            {
                await Cluster.Silo.KillAsync();
                await Cluster.StartSiloAsync(Cancellation);
                await Cluster.WaitConnectedAsync(Cancellation);
            },
            output);

        (await Cluster.Api.EtagsAsync(Cancellation)).ShouldBe(before);
        (await Cluster.Api.CounterAsync(ResourcesSent, "", Cancellation)).ShouldBe(0, await Cluster.Api.AdminAsync("/metrics", Cancellation));

        // And it goes on: a change is one delta, not a snapshot.
        await Cluster.RealizeAsync(Documents.Read("w4", SmallWorld.Endpoint(Lab["w4"], ", seen: after")), [], Cancellation);
        var sent = await Cluster.Api.CounterAsync(ResourcesSent, "", Cancellation);
        output.WriteLine($"{sent} resources sent for a label of one endpoint");
        sent.ShouldBeInRange(1, 3);
    }

    [Fact]
    public async Task Killed_amid_changes_it_has_lost_none_that_it_acknowledged()
    {
        Dictionary<string, string> journal = [];
        var writing = Task.Run(() => WriteAsync(journal), Cancellation);
        await Eventually.BecomesAsync("50 changes are acknowledged", TimeSpan.FromSeconds(30), () => Task.FromResult(Count(journal) >= 50), () => Cluster.Silo.Output, Cancellation);
        await Cluster.Silo.KillAsync();
        await writing;

        await Cluster.StartSiloAsync(Cancellation);
        await Cluster.WaitConnectedAsync(Cancellation);

        var found = await Cluster.Api.EtagsAsync(Cancellation);
        output.WriteLine($"{journal.Count} changes were acknowledged");
        journal.Where(acknowledged => found.GetValueOrDefault(acknowledged.Key) != acknowledged.Value).ShouldBeEmpty();
        // At most the one that was never answered is there beside them.
        found.Keys.Count(name => name.Contains("/policies/p", StringComparison.Ordinal)).ShouldBeInRange(journal.Count, journal.Count + 1);
        var status = await Cluster.Api.Status.WaitRealizedAsync(new WaitRealizedRequest(), cancellationToken: Cancellation);
        status.Realized.ShouldBeTrue($"{status}");
    }

    [Fact]
    public async Task Told_to_stop_it_ends_in_less_than_five_seconds_with_streams_open()
    {
        using var watch = Cluster.Api.Resources.Watch(new WatchRequest { Parent = "tenants/shop" }, cancellationToken: Cancellation);
        (await watch.ResponseStream.MoveNext(Cancellation)).ShouldBeTrue();

        var clock = Stopwatch.StartNew();
        var exitCode = await Cluster.Silo.StopAsync(TimeSpan.FromSeconds(5), Cancellation);

        output.WriteLine($"stopped in {clock.ElapsedMilliseconds} ms");
        exitCode.ShouldBe(0, Cluster.Silo.Output);
        var ended = await Should.ThrowAsync<RpcException>(async () =>
        {
            while (await watch.ResponseStream.MoveNext(Cancellation))
            {
                // What was sent before the end.
            }
        });
        ended.StatusCode.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public async Task A_node_cut_off_from_it_goes_on_and_catches_up_when_the_link_is_back()
    {
        await Cluster.UnderTrafficAsync(
            async () =>
            {
                await Lab.SetManagementLinkAsync("n2", up: false, Cancellation);
                // From now on w4 alone may reach port 81 of w2: only n2 is concerned.
                var applied = await Cluster.Api.ApplyAsync(
                    Documents.Read("more", """
                        apiVersion: vallum.io/v1
                        kind: Policy
                        metadata: {name: more, tenant: shop}
                        spec:
                          subject: [{selector: {matchLabels: {app: w2}}}]
                          directions: [Ingress]
                          ingress:
                          - peers: [{endpoints: {selector: {matchLabels: {app: w4}}}}]
                            services: [{protocol: tcp, ports: ["81"]}]
                        """),
                    cancellationToken: Cancellation);
                var lagging = await Cluster.Api.WaitRealizedAsync(applied, TimeSpan.FromSeconds(1), Cancellation);
                lagging.ShouldHaveSingleItem().Node.ShouldBe("n2");
                await Cluster.ShouldPassAsExpectedAsync([new(Port81("w4"), false), new(Port81("w1"), false)], "cut off", Cancellation);

                await Lab.SetManagementLinkAsync("n2", up: true, Cancellation);
                await Cluster.ShouldBeRealizedAsync(applied, Cancellation);
                await Cluster.ShouldPassAsExpectedAsync([new(Port81("w4"), true), new(Port81("w1"), false)], "joined again", Cancellation);
            },
            output);
    }

    private Lab.Probing.Probe Port81(string from) => Lab.Probe(from, "w2", Vallum.Lab.Probing.ProbeProtocol.Tcp, 81);

    private static int Count(Dictionary<string, string> journal)
    {
        lock (journal)
        {
            return journal.Count;
        }
    }

    /// <summary>One policy after the other until nobody answers, each noted once it is acknowledged.</summary>
    private async Task WriteAsync(Dictionary<string, string> journal)
    {
        for (var number = 0; ; number++)
        {
            try
            {
                var applied = await Cluster.Api.ApplyAsync(
                    Documents.Read("p", $$"""
                        apiVersion: vallum.io/v1
                        kind: Policy
                        metadata: {name: p{{number}}, tenant: shop}
                        spec:
                          subject:
                          - selector:
                              matchLabels: {app: w4}
                          directions: [Ingress]
                          ingress:
                          - services: [{protocol: tcp, ports: ["{{1000 + number}}"]}]
                        """),
                    cancellationToken: Cancellation);
                lock (journal)
                {
                    journal[applied.Changes[0].Name] = applied.Changes[0].Etag;
                }
            }
            catch (RpcException)
            {
                return;
            }
        }
    }
}
