using System.Text.Json.Nodes;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Lab.Probing;

namespace Vallum.EndToEnd.Tests.Scenarios;

/// <summary>The command as orchestrator: what it says is what packets do.</summary>
[Collection(nameof(ScenarioCluster))]
public sealed class CommandTests(ScenarioFixture fixture, ITestOutputHelper output) : ClusterTest(fixture), IAsyncLifetime
{
    private const string Policies = """
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: db-only-from-app, tenant: shop}
        spec:
          subject: [{segments: [db]}]
          directions: [Ingress]
          ingress:
          - peers: [{endpoints: {segments: [app]}}]
            services: [{protocol: tcp, ports: [sql]}]
        ---
        apiVersion: vallum.io/v1
        kind: Policy
        metadata: {name: bank-calls-nobody}
        spec:
          tier: Admin
          priority: 5
          subject: [{tenants: {names: [bank]}}]
          directions: [Egress]
          egress:
          - {name: none, action: Deny, peers: [{endpoints: {tenants: {relation: Other}}}]}
        """;

    public async ValueTask InitializeAsync() => await Cluster.RealizeAsync(ScenarioFile.Inventory, [], Cancellation);

    public async ValueTask DisposeAsync() =>
        await Cluster.Api.ApplyAsync([], ["tenants/shop/policies/db-only-from-app", "policies/bank-calls-nobody"], Cancellation);

    [Fact]
    public async Task What_it_applies_and_explains_and_draws_is_what_packets_do()
    {
        var file = await Cluster.WriteAsync("policies.yaml", Policies, Cancellation);
        await SayAsync(1, "diff", "-f", file);
        await SayAsync(0, "apply", "-f", file, "--wait", "--timeout", "30s");
        await SayAsync(0, "diff", "-f", file);
        await SayAsync(0, "wait", "shop", "bank", "--timeout", "30s");

        foreach (var port in new[] { 80, 81, 5432 })
        {
            var drawn = JsonNode.Parse(await SayAsync(0, "reach", "shop", "bank", "--port", $"{port}", "-o", "json"))!;
            await Cluster.ShouldPassAsExpectedAsync(Expected(drawn, port), $"the matrix of port {port}", Cancellation);
        }

        (await SayAsync(1, "explain", "--from", "shop/web1", "--to", "shop/db1", "--port", "5432")).ShouldContain("db-only-from-app");
        (await SayAsync(0, "explain", "--from", "shop/app1", "--to", "shop/db1", "--port", "5432")).ShouldContain("ALLOWED");
        (await SayAsync(1, "explain", "--from", "bank/teller", "--to", "shop/web1", "--port", "80")).ShouldContain("bank-calls-nobody");
        await SayAsync(0, "status");

        await SayAsync(0, "delete", "-f", file);
        await SayAsync(0, "wait", "--timeout", "30s");
        await Cluster.ShouldPassAsExpectedAsync(
            [new(Lab.Probe("web1", "db1", ProbeProtocol.Tcp, 5432), true), new(Lab.Probe("teller", "web1", ProbeProtocol.Tcp, 80), true)],
            "after delete",
            Cancellation);
    }

    /// <summary>A cell of the matrix for each pair of different endpoints.</summary>
    private List<Expectation> Expected(JsonNode matrix, int port)
    {
        string[] names = [.. matrix["endpoints"]!.AsArray().Select(name => name!.GetValue<string>().Split('/')[^1])];
        string[] rows = [.. matrix["rows"]!.AsArray().Select(row => row!.GetValue<string>())];
        names.Length.ShouldBe(7);
        return
        [
            .. from source in Enumerable.Range(0, names.Length)
               from destination in Enumerable.Range(0, names.Length)
               where source != destination
               select new Expectation(Lab.Probe(names[source], names[destination], ProbeProtocol.Tcp, port), rows[source][destination] == '.'),
        ];
    }

    private async Task<string> SayAsync(int wanted, params string[] arguments)
    {
        var (exitCode, said) = await Cluster.VallumAsync(Cancellation, [.. arguments]);
        output.WriteLine($"$ vallum {string.Join(' ', arguments)}\n{said}");
        exitCode.ShouldBe(wanted, said);
        return said;
    }
}
