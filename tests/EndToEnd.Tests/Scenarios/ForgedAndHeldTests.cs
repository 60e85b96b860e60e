using System.Net;
using System.Net.Sockets;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab.Probing;

namespace Vallum.EndToEnd.Tests.Scenarios;

/// <summary>What probes cannot say: sources that lie, and connections that were there before.</summary>
[Collection(nameof(ScenarioCluster))]
public sealed class ForgedAndHeldTests(ScenarioFixture fixture) : ClusterTest(fixture), IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    public async ValueTask InitializeAsync() => await Cluster.RealizeAsync(ScenarioFile.Inventory, [], Cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("web1", "10.50.2.1", "of an endpoint of another node")]
    [InlineData("web1", "10.50.3.2", "of an endpoint beside it")]
    [InlineData("web1", "198.51.100.9", "of nobody")]
    [InlineData("web1", "fd50:2::1", "of an endpoint of another node")]
    [InlineData("web1", "fd50:3::2", "of an endpoint beside it")]
    [InlineData("web1", "2001:db8:99::9", "of nobody")]
    [InlineData("web2", "10.50.1.1", "of an endpoint of another node")]
    [InlineData("web2", "198.51.100.9", "of nobody")]
    [InlineData("web2", "fd50:1::1", "of an endpoint of another node")]
    [InlineData("stranger", "10.50.1.1", "of an endpoint beside it")]
    public async Task An_endpoint_that_sends_from_an_address_not_its_own_is_not_heard(string sender, string source, string whose)
    {
        var forged = IPAddress.Parse(source);
        foreach (var receiver in new[] { "db1", "app1", "teller" })
        {
            (await Lab.IsForgedHeardAsync(sender, forged, receiver, 53, TimeSpan.FromMilliseconds(200), Cancellation))
                .ShouldBeFalse($"{receiver} heard {sender} with the address {source}, {whose}\n{await Evidence.OfAsync(Cluster, [Lab[sender].Node!])}");
        }
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork)]
    [InlineData(AddressFamily.InterNetworkV6)]
    public async Task An_address_of_its_own_is_no_lie(AddressFamily family)
    {
        foreach (var sender in new[] { "web1", "web2" })
        {
            (await Lab.IsForgedHeardAsync(sender, Lab[sender].AddressOf(family), "db1", 53, Soon, Cancellation)).ShouldBeTrue(sender);
        }
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
