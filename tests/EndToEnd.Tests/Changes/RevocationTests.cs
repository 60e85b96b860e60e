using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab.Probing;

namespace Vallum.EndToEnd.Tests.Changes;

/// <summary>A policy document says what becomes of open connections that a change no longer allows.</summary>
[Collection(nameof(SmallCluster))]
public sealed class RevocationTests(SmallFixture fixture) : ClusterTest(fixture), IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async ValueTask InitializeAsync() => await SmallWorld.RestoreAsync(Cluster, Cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("Cut", false)]
    [InlineData("Keep", true)]
    public async Task An_open_connection_ends_with_its_permission_where_the_policy_says_so(string revocation, bool goesOn)
    {
        await Cluster.RealizeAsync([.. Documents.Read("both", Policy(revocation, "w1", "w3"))], [], Cancellation);
        await using var revoked = await ConnectAsync("w1");
        await using var permitted = await ConnectAsync("w3");
        await Cluster.RealizeAsync([.. Documents.Read("one", Policy(revocation, "w3"))], [], Cancellation);
        (await revoked.ExchangeAsync(Patience, Cancellation)).ShouldBe(goesOn);
        (await permitted.ExchangeAsync(TimeSpan.FromSeconds(5), Cancellation)).ShouldBeTrue("what is permitted goes on");
    }

    [Fact]
    public async Task A_deleted_endpoint_takes_its_connections_with_it()
    {
        await Cluster.RealizeAsync([.. Documents.Read("both", Policy("Keep", "w1", "w3"))], [], Cancellation);
        await using var gone = await ConnectAsync("w1");
        await using var permitted = await ConnectAsync("w3");
        await Cluster.RealizeAsync([], ["tenants/shop/endpoints/w1"], Cancellation);
        (await gone.ExchangeAsync(Patience, Cancellation)).ShouldBeFalse();
        (await permitted.ExchangeAsync(TimeSpan.FromSeconds(5), Cancellation)).ShouldBeTrue("what is permitted goes on");
    }

    private async Task<HeldConnection> ConnectAsync(string from)
    {
        var connection = await Lab.ConnectAsync(from, Lab["w2"].V4, 80, TimeSpan.FromSeconds(5), Cancellation);
        (await connection.ExchangeAsync(TimeSpan.FromSeconds(5), Cancellation)).ShouldBeTrue();
        return connection;
    }

    private static string Policy(string revocation, params string[] clients)
    {
        var peers = string.Join(", ", clients.Select(client => $"{{endpoints: {{selector: {{matchLabels: {{app: {client}}}}}}}}}"));
        return $$"""
            apiVersion: vallum.io/v1
            kind: Policy
            metadata: {name: guard, tenant: shop}
            spec:
              subject: [{selector: {matchLabels: {app: w2} } }]
              directions: [Ingress]
              revocation: {{revocation}}
              ingress:
              - peers: [{{peers}}]
                services: [{protocol: tcp, ports: ["80"]}]
            """;
    }
}
