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
