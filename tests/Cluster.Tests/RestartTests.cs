using System.Collections.Concurrent;
using Vallum.Cluster.Objects;
using Vallum.Cluster.Tests.Hosts;

namespace Vallum.Cluster.Tests;

public sealed class RestartTests
{
    [Fact]
    public async Task Everything_acknowledged_is_there_after_a_restart_and_retries_are_known()
    {
        await using var before = await SiloUnderTest.StartAsync();
        var shop = Make.Request("r1", Make.Shop("shop", 3));
        await before.Tenant("shop").Apply(shop);
        var policy = Make.Request("r2", Make.Policy("shop", "p", ("app", "web"), ("app", "db")) with { Mode = ChangeMode.Create });
        await before.Tenant("shop").Apply(policy);
        await before.Cluster.Apply(Make.Batch(Make.Node("n0", "172.16.0.1")));
        var endpoint = await before.Tenant("shop").Get(ObjectKind.Endpoint, "e1");

        await using var after = await before.RestartAsync();

        var again = await after.Tenant("shop").Get(ObjectKind.Endpoint, "e1");
        again.ShouldNotBeNull().Content.ShouldBe(endpoint.ShouldNotBeNull().Content);
        (again with { Content = endpoint.Content }).ShouldBe(endpoint);
        var retry = await after.Tenant("shop").Apply(policy);
        (retry.Fault, retry.Revision, retry.Outcomes[0].Type).ShouldBe((null, 2, ChangeType.Created));
        (await after.Cluster.Get(ObjectKind.Node, "n0")).ShouldNotBeNull();
        (await after.Cluster.Get(ObjectKind.TenantEntry, "shop")).ShouldNotBeNull();
        (await after.Grains.GetGrain<INodeGrain>("n0").Tenants(0, TimeSpan.Zero)).Tenants.ShouldBe(["shop"]);
    }

    [Fact]
    public async Task Of_concurrent_writers_nothing_acknowledged_is_lost()
    {
        await using var before = await SiloUnderTest.StartAsync();
        await before.Tenant("shop").Apply(Make.Batch(Make.Shop("shop", 2)));
        ConcurrentBag<(string Name, long Revision)> journal = [];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 25; i++)
            {
                var name = $"p-{writer}-{i}";
                var reply = await before.Tenant("shop").Apply(Make.Batch(Make.Policy("shop", name, ("app", "web"), ("app", "db"))));
                journal.Add((name, reply.Revision));
            }
        }));

        await using var after = await before.RestartAsync();

        var page = await after.Tenant("shop").List(new ListObjects(ObjectKind.Policy, "", 1000));
        page.Documents.Select(document => (document.Name, document.Revision)).ShouldBe(journal, ignoreOrder: true);
        page.Revision.ShouldBe(201);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_that_fails_is_an_exception_and_a_retry_does_it_once(bool stored)
    {
        await using var silo = await SiloUnderTest.StartAsync();
        var tenant = silo.Tenant("shop");
        await tenant.Apply(Make.Batch(Make.Shop("shop", 1)));
        var request = Make.Request("r1", Make.Policy("shop", "p", ("app", "web"), ("app", "db")) with { Mode = ChangeMode.Create });
        silo.Storage.FailNextWrite(tenant.GetGrainId(), stored ? WriteFault.AfterCommit : WriteFault.Before);

        await Should.ThrowAsync<CommitUnknownException>(() => tenant.Apply(request));
        var retry = await RetryAsync(() => tenant.Apply(request));

        (retry.Fault, retry.Outcomes.Single().Type, retry.Revision).ShouldBe((null, ChangeType.Created, 2));
        (await tenant.Get(ObjectKind.Policy, "p")).ShouldNotBeNull().Generation.ShouldBe(1);
    }

    [Fact]
    public async Task A_tenant_that_was_expected_when_the_cluster_ended_is_asked_by_the_next_one()
    {
        await using var before = await SiloUnderTest.StartAsync();
        await before.Tenant("real").Apply(Make.Batch(Make.Tenant("real")));
        // As a crash leaves it between the commit and its telling, and before a commit that never came.
        await before.Cluster.CompleteTenant("real", 1000, null);
        await before.Cluster.BeginTenant("real");
        await before.Cluster.BeginTenant("never");

        await using var after = await before.RestartAsync();

        await UntilAsync(async () => await after.Cluster.Get(ObjectKind.TenantPending, "real") is null && await after.Cluster.Get(ObjectKind.TenantPending, "never") is null);
        (await after.Cluster.Get(ObjectKind.TenantEntry, "real")).ShouldNotBeNull();
        (await after.Cluster.Get(ObjectKind.TenantEntry, "never")).ShouldBeNull();
    }

    /// <summary>An activation that has failed is still ending for a moment.</summary>
    private static async Task<T> RetryAsync<T>(Func<Task<T>> call)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call();
            }
            catch (CommitUnknownException) when (tries < 100)
            {
                await Task.Delay(20);
            }
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
