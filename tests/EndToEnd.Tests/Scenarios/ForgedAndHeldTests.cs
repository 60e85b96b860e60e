using System.Net.Sockets;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab.Probing;

namespace Vallum.EndToEnd.Tests.Scenarios;

/// <summary>What probes cannot say: sources that lie, and connections that were there before.</summary>
public sealed class ForgedAndHeldTests(ScenarioFixture fixture) : ClusterTest(fixture), IClassFixture<ScenarioFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    public async ValueTask InitializeAsync() => await Cluster.RealizeAsync(ScenarioFile.Inventory, [], Cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("10.50.2.1", "of another endpoint")]
    [InlineData("198.51.100.9", "of nobody")]
    [InlineData("fd50:2::1", "of another endpoint")]
    [InlineData("2001:db8:99::9", "of nobody")]
    public async Task An_endpoint_that_sends_from_an_address_not_its_own_is_not_heard(string source, string whose)
    {
        var forged = System.Net.IPAddress.Parse(source);
        foreach (var receiver in new[] { "db1", "db2", "web2" })
        {
            (await Lab.IsForgedHeardAsync("web1", forged, receiver, 53, TimeSpan.FromMilliseconds(300), Cancellation))
                .ShouldBeFalse($"{receiver} heard web1 with the address {source}, {whose}\n{await Evidence.OfAsync(Cluster, ["n1"])}");
        }

        var own = Lab["web1"].AddressOf(forged.AddressFamily);
        (await Lab.IsForgedHeardAsync("web1", own, "db1", 53, Soon, Cancellation)).ShouldBeTrue("an address of its own is no lie");
    }

    [Fact]
    public async Task A_connection_that_was_there_goes_on_when_a_policy_forbids_it_and_a_new_one_does_not_come()
    {
        await using var held = await Lab.ConnectAsync("web1", Lab["db1"].V4, 5432, cancellationToken: Cancellation);
        held.AnsweredBy.ShouldBe("db1");

        await Cluster.RealizeAsync(Documents.Read("closing", Closing), [], Cancellation);

        (await held.ExchangeAsync(Soon, Cancellation)).ShouldBeTrue(await Evidence.OfAsync(Cluster, ["n3"]));
        await Cluster.ShouldPassAsExpectedAsync(
            [new(Lab.Probe("web1", "db1", ProbeProtocol.Tcp, 5432), false), new(Lab.Probe("web1", "db1", ProbeProtocol.Tcp, 5432, AddressFamily.InterNetworkV6), false)],
            "after the policy", Cancellation);

        await Cluster.RealizeAsync([], ["tenants/shop/policies/closing"], Cancellation);
        (await held.ExchangeAsync(Soon, Cancellation)).ShouldBeTrue();
    }

    private const string Closing = """
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: closing, tenant: shop}
        spec:
          subject: [{segments: [db]}]
          directions: [Ingress]
          ingress:
          - peers: [{endpoints: {segments: [app]}}]
        """;
}
