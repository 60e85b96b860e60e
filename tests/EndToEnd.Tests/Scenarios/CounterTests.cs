using System.Text.Json.Nodes;
using Vallum.EndToEnd.Tests.Running;

namespace Vallum.EndToEnd.Tests.Scenarios;

/// <summary>What the command says that rules have met is what packets were sent.</summary>
[Collection(nameof(SmallCluster))]
public sealed class CounterTests(SmallFixture fixture) : ClusterTest(fixture), IAsyncLifetime
{
    private const int Connections = 7;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    public async ValueTask InitializeAsync() => await SmallWorld.RestoreAsync(Cluster, Cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_policys_counter_rises_by_the_connections_that_it_let_in()
    {
        await Eventually.BecomesAsync("guard is counted", Within, async () => await GuardAsync() is not null, () => "", Cancellation);
        var before = (await GuardAsync())!.Value;
        for (var i = 0; i < Connections; i++)
        {
            await Cluster.ShouldPassAsExpectedAsync([new Expectation(Lab.Permitted(), true)], "a connection", Cancellation);
        }

        await Eventually.BecomesAsync(
            "guard has met them", Within, async () => await GuardAsync() >= before + Connections, () => $"{before}", Cancellation);

        // A machine that is very busy sends a SYN twice.
        (await GuardAsync())!.Value.ShouldBeInRange(before + Connections, before + (2 * Connections));
        (await SayAsync("get", "policy", "shop/guard", "-o", "wide")).ShouldContain("ingress-0");
        (await SayAsync("top", "--once")).ShouldContain("shop/guard");
    }

    [Fact]
    public async Task Who_is_denied_is_counted_with_its_endpoints()
    {
        var before = await DeniedAsync();
        for (var i = 0; i < Connections; i++)
        {
            await Cluster.ShouldPassAsExpectedAsync([new Expectation(Lab.Forbidden(), false)], "a forbidden connection", Cancellation);
        }

        await Eventually.BecomesAsync("they are counted", Within, async () => await DeniedAsync() >= before + Connections, () => $"{before}", Cancellation);
        (await SayAsync("top", "denied", "--once")).ShouldContain("shop/w2");
        (await SayAsync("get", "node", Lab["w2"].Node!, "-o", "wide")).ShouldContain("DENIED");
    }

    [Fact]
    public async Task A_denied_packet_is_shown_with_the_policy_that_isolates()
    {
        await Cluster.ShouldPassAsExpectedAsync([new Expectation(Lab.Forbidden(), false)], "a forbidden connection", Cancellation);
        var flow = "";
        await Eventually.BecomesAsync(
            "the flow is shown",
            Within,
            async () => (flow = (await SayAsync("flows", "--denied", "--party", "shop/w2")).Split('\n').FirstOrDefault(l => l.Contains("shop/w2", StringComparison.Ordinal)) ?? "").Length > 0,
            () => "",
            Cancellation);
        flow.ShouldContain("denied");
        flow.ShouldContain("tcp/80");
        flow.ShouldContain("shop/guard");
        flow.ShouldContain($" {Lab["w2"].Node} ");
    }

    private async Task<ulong?> GuardAsync() =>
        (await Cluster.Api.Policies.GetPolicyAsync(new() { Name = "tenants/shop/policies/guard" }, cancellationToken: Cancellation)).Status?.Hits is { HasPackets: true } hits
            ? hits.Packets
            : null;

    /// <summary>Packets to w2 that were denied.</summary>
    private async Task<ulong> DeniedAsync() =>
        JsonNode.Parse(await SayAsync("top", "denied", "--once", "-n", "1000", "-o", "json"))!["denied"]!.AsArray()
            .Where(row => row!["endpoints"]!.AsArray().Any(e => e!.GetValue<string>() == "tenants/shop/endpoints/w2"))
            .Aggregate(0UL, (sum, row) => sum + ulong.Parse(row!["packets"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture));

    private async Task<string> SayAsync(params string[] arguments)
    {
        var (exitCode, output) = await Cluster.VallumAsync(Cancellation, [.. arguments]);
        exitCode.ShouldBe(0, output);
        return output;
    }
}
