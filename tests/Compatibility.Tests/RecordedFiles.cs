using Microsoft.Data.Sqlite;
using Vallum.Contracts.Api.V1;
using Vallum.SiloHost;

namespace Vallum.Compatibility.Tests;

/// <summary>Data files as builds of before have left them, the oldest that must be read included.</summary>
public sealed class RecordedFiles
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1-before-history.sql", false)]
    [InlineData("2-history.sql", true)]
    public async Task Everything_in_a_file_of_an_older_silo_is_there_and_can_be_changed(string recorded, bool knowsStateBefore)
    {
        var folder = Directory.CreateTempSubdirectory("vallum-recorded-").FullName;
        Restore(recorded, folder);
        await using var silo = await TestSilo.StartAsync(folder);
        var shop = new ListRequest { Parent = "tenants/shop", PageSize = 100 };
        var endpoints = await new EndpointService.EndpointServiceClient(silo.Channel).ListEndpointsAsync(shop, cancellationToken: Token);
        var policies = new PolicyService.PolicyServiceClient(silo.Channel);

        endpoints.Endpoints.Select(endpoint => endpoint.Name[^5..]).ShouldBe(["app-1", "tch-1", "/db-1", "web-1"]);
        var listed = await policies.ListPoliciesAsync(shop, cancellationToken: Token);
        listed.Policies.Select(policy => policy.Name.Split('/')[^1]).ShouldBe(["app", "batch", "db", "web"]);
        (await policies.ListPoliciesAsync(new ListRequest { PageSize = 100 }, cancellationToken: Token)).Policies.ShouldHaveSingleItem().Name.ShouldBe("policies/no-batch-to-db");
        (await new SegmentService.SegmentServiceClient(silo.Channel).ListSegmentsAsync(shop, cancellationToken: Token)).Segments.Count.ShouldBe(4);
        (await new NodeService.NodeServiceClient(silo.Channel).ListNodesAsync(new ListRequest { PageSize = 100 }, cancellationToken: Token)).Nodes.Count.ShouldBe(2);

        var changed = listed.Policies[0].Clone();
        changed.Spec.Description = "by a later silo";
        (await policies.UpdatePolicyAsync(new UpdatePolicyRequest { Policy = changed }, cancellationToken: Token)).Spec.Description.ShouldBe("by a later silo");
        var history = await new HistoryService.HistoryServiceClient(silo.Channel)
            .ListHistoryAsync(new ListHistoryRequest { Parent = "tenants/shop", Kinds = { "policy" } }, cancellationToken: Token);
        // Four made, one changed by the older silo, one by this.
        history.Entries.Count.ShouldBe(6);
        history.Entries[0].Before.ShouldNotBeNull();
        (history.Entries[1].Before is not null).ShouldBe(knowsStateBefore);
    }

    [Fact]
    public async Task An_address_that_an_older_silo_gave_out_is_not_given_out_again()
    {
        var folder = Directory.CreateTempSubdirectory("vallum-recorded-").FullName;
        Restore("1-before-history.sql", folder);
        await using var silo = await TestSilo.StartAsync(folder);
        var endpoints = new EndpointService.EndpointServiceClient(silo.Channel);
        var taken = (await endpoints.GetEndpointAsync(new GetRequest { Name = "tenants/shop/endpoints/web-1" }, cancellationToken: Token)).Spec.Addresses[0];
        var second = new Endpoint { Name = "tenants/shop/endpoints/web-2", Spec = new EndpointSpec { Segment = "web", Node = "node-a", Addresses = { taken } } };

        (await Should.ThrowAsync<Grpc.Core.RpcException>(endpoints.CreateEndpointAsync(new CreateEndpointRequest { Endpoint = second }, cancellationToken: Token).ResponseAsync))
            .Status.Detail.ShouldContain(taken);
    }

    private static void Restore(string recorded, string folder)
    {
        using var file = new SqliteConnection($"Data Source={Path.Combine(folder, "vallum.db")};Pooling=false");
        file.Open();
        using var command = file.CreateCommand();
        command.CommandText = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Recorded", recorded));
        command.ExecuteNonQuery();
    }
}
