using System.Diagnostics;
using Vallum.EndToEnd.Tests.Running;
using Vallum.Manifests.Parsing;

namespace Vallum.EndToEnd.Tests.Scenarios;

[Collection(nameof(ScenarioCluster))]
public sealed class ScenarioTests(ScenarioFixture fixture, ITestOutputHelper output) : ClusterTest(fixture)
{
    public static IEnumerable<TheoryDataRow<string>> All => ScenarioFile.Names.Select(name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(All))]
    public async Task Packets_go_as_the_scenario_says(string name)
    {
        var scenario = ScenarioFile.Read(name);
        var inventory = ScenarioFile.Inventory;
        HashSet<string> made = [];
        await Cluster.RealizeAsync(inventory, [], Cancellation);
        try
        {
            foreach (var step in scenario.Steps)
            {
                made.UnionWith(step.Objects.Select(each => each.NameOf()));
                var clock = Stopwatch.StartNew();
                await Cluster.RealizeAsync(step.Objects, step.Deletes, Cancellation);
                var realized = clock.ElapsedMilliseconds;
                await Cluster.ShouldPassAsExpectedAsync([.. step.Probes.Select(probe => probe.In(Lab))], $"{name}, {step.Title}", Cancellation);
                output.WriteLine($"{step.Title}: realized after {realized} ms, {step.Probes.Length} probes as expected after {clock.ElapsedMilliseconds} ms");
            }
        }
        finally
        {
            await Cluster.Api.ApplyAsync(inventory, made.Except(inventory.Select(each => each.NameOf())), Cancellation);
        }
    }
}
