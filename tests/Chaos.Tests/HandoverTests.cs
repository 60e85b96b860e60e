using System.Text.RegularExpressions;
using Vallum.Chaos.Processes;
using Vallum.Chaos.Worlds;
using Vallum.Chaos.Writing;
using Vallum.Contracts.Api.V1;

namespace Vallum.Chaos.Tests;

public sealed partial class HandoverTests
{
    [Fact]
    public async Task A_silo_that_is_told_to_stop_gives_all_its_tenants_away_first()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var world = new World(Tenants: 20, Nodes: 4);
        await using var cluster = await SiloCluster.StartAsync(Backend.Sqlite, 2, cancellation);
        using (var api = new ApiClient(cluster.Addresses, 0))
        {
            await api.ApplyAsync(new ApplyRequest { Objects = { world.Cluster() }, RequestId = "begin" }, cancellation);
        }

        var writers = Enumerable.Range(0, world.Tenants).Select(tenant => new TenantWriter(world, new Journal(tenant), cluster.Addresses, "handover")).ToList();
        await Task.WhenAll(writers.Select(writer => writer.BeginAsync(cancellation)));

        (await cluster.Silos[0].StopAsync(cancellation)).ShouldBe(0);

        await Task.WhenAll(writers.Select(writer => writer.WriteAsync(cancellation)));
        writers.ForEach(writer => writer.Dispose());
        var log = await File.ReadAllTextAsync(Path.Combine(cluster.Folder, "silo-0.log"), cancellation);
        Given().IsMatch(log).ShouldBeTrue(log);
        Directory.Delete(cluster.Folder, recursive: true);
    }

    [GeneratedRegex(@"\b(\d+) of \1 tenants were given")]
    private static partial Regex Given();
}
