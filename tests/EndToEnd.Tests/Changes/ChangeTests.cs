using Vallum.Contracts.Api.V1;
using Vallum.EndToEnd.Tests.Running;

namespace Vallum.EndToEnd.Tests.Changes;

/// <summary>A flow allowed before and after a change is never dropped in between, and one denied before and after never passes.</summary>
[Collection(nameof(SmallCluster))]
public sealed class ChangeTests(SmallFixture fixture, ITestOutputHelper output) : ClusterTest(fixture), IAsyncLifetime
{
    private const int Changes = 40;

    public async ValueTask InitializeAsync() => await SmallWorld.RestoreAsync(Cluster, Cancellation);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Policies_are_replaced_under_traffic(bool eachRealized) => ManyChangesAsync(
        eachRealized,
        turn => ([.. Documents.Read("turn", Policy($"guard-{turn % 2}", "app: w1", $"{turn + 1000}"))], turn == 0 ? [] : [$"tenants/shop/policies/guard-{(turn + 1) % 2}"]));

    [Fact]
    public Task A_policy_is_rewritten_under_traffic() => ManyChangesAsync(
        false, turn => ([.. Documents.Read("turn", Policy("guard", "app: w1", $"{turn + 1000}"))], []));

    [Fact]
    public Task Endpoints_are_relabelled_under_traffic() => ManyChangesAsync(
        false, turn => ([.. Lab.Workloads.SelectMany(workload => Documents.Read("turn", SmallWorld.Endpoint(workload, $", turn: t{turn}")))], []));

    [Fact]
    public Task Labels_and_the_selectors_that_pick_them_change_together_under_traffic() => ManyChangesAsync(
        false,
        turn =>
        (
            [
                .. Documents.Read("policy", Policy("guard", $"turn: t{turn}", "81")),
                .. Documents.Read("w1", SmallWorld.Endpoint(Lab["w1"], $", turn: t{turn}")),
                // The forbidden one has had each label before: an update that mixes two turns lets it pass.
                .. Documents.Read("w3", SmallWorld.Endpoint(Lab["w3"], $", turn: t{turn - 1}")),
            ],
            []));

    private async Task ManyChangesAsync(bool eachRealized, Func<int, (IEnumerable<Contracts.Api.V1.Object> Objects, IEnumerable<string> Deletes)> change)
    {
        ApplyResponse? last = null;
        await Cluster.UnderTrafficAsync(
            async () =>
            {
                for (var turn = 0; turn < Changes; turn++)
                {
                    var (objects, deletes) = change(turn);
                    last = await Cluster.Api.ApplyAsync(objects, turn == 1 ? [.. deletes, .. Replaced(objects)] : deletes, Cancellation);
                    if (eachRealized)
                    {
                        await Cluster.ShouldBeRealizedAsync(last, Cancellation);
                    }
                }

                await Cluster.ShouldBeRealizedAsync(last!, Cancellation);
            },
            output);
        await Cluster.ShouldPassAsExpectedAsync([new(Lab.Permitted(), true), new(Lab.Forbidden(), false)], "in the end", Cancellation);
    }

    /// <summary>The policy of the beginning, where others take its place.</summary>
    private static string[] Replaced(IEnumerable<Contracts.Api.V1.Object> objects) =>
        objects.Any(each => each.Policy?.Name.Contains("guard-", StringComparison.Ordinal) == true) ? ["tenants/shop/policies/guard"] : [];

    /// <summary>Lets w1 reach port 80 of w2, and something more that nobody probes.</summary>
    private static string Policy(string name, string who, string port) => $$"""
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: {{name}}, tenant: shop}
        spec:
          subject:
          - selector:
              matchLabels: {app: w2}
          directions: [Ingress]
          ingress:
          - peers:
            - endpoints:
                selector:
                  matchLabels: { {{who}} }
            services: [{protocol: tcp, ports: ["80", "{{port}}"]}]
        """;
}
