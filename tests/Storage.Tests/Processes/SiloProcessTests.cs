using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Shouldly;
using Vallum.Contracts.Api.V1;
using Xunit;

namespace Vallum.Storage.Tests.Processes;

/// <summary>Real silos, in processes of their own, over one file or one Redis.</summary>
public sealed class SiloProcessTests
{
    private const int Tenants = 4;

    // Until a change goes through again: the others must first notice that one of them is gone.
    private static readonly TimeSpan GiveUp = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<string> _acknowledged = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_two_silos_have_acknowledged_is_there_when_one_of_them_is_killed(bool redis)
    {
        using var store = new ClusterStore(redis);
        await using var first = await RunningSilo.StartAsync(store.Arguments);
        await using var second = await RunningSilo.StartAsync(store.Arguments);
        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            await CreateTenantAsync(first, $"t{tenant}");
        }

        await Task.WhenAll(WriteAsync(first, "a", 40), WriteAsync(second, "b", 40));
        var going = WriteAsync(second, "c", 80);
        await first.KillAsync();
        await going;

        await ShouldHoldAsync(second);
        await second.KillAsync();
        await using var last = await RunningSilo.StartAsync(store.Arguments);
        await ShouldHoldAsync(last);
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_when_redis_was_killed_and_came_back()
    {
        using var store = new ClusterStore(isRedis: true);
        await using var silo = await RunningSilo.StartAsync(store.Arguments);
        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            await CreateTenantAsync(silo, $"t{tenant}");
        }

        var writing = WriteAsync(silo, "a", 120);
        while (_acknowledged.Count < 30)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
        }

        store.Restart();
        await writing;

        await ShouldHoldAsync(silo);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_silo_whose_storage_was_emptied_ends_with_a_sentence_and_starts_again(bool redis)
    {
        using var store = new ClusterStore(redis);
        await using var silo = await RunningSilo.StartAsync(store.Arguments);
        await CreateTenantAsync(silo, "t0");

        await store.EmptyAsync();

        (await silo.ExitAsync()).ShouldBe(3, silo.Output);
        silo.Output.ShouldContain("error: silo");
        silo.Output.ShouldContain("is no longer in the cluster's table of members");
        await using var again = await RunningSilo.StartAsync(store.Arguments);
        await CreateTenantAsync(again, "t0");
    }

    [Fact]
    public async Task A_silo_that_finds_no_redis_says_where_and_what_to_do()
    {
        await using var silo = RunningSilo.Launch("--cluster", "redis", "--redis", "127.0.0.1:1");

        (await silo.ExitAsync()).ShouldBe(1);
        silo.Output.ShouldBe("error: Redis at 127.0.0.1:1 cannot be used: no server answers there. Start it, or name another with --redis.");
    }

    /// <summary>Makes segments, one after the other, each until it is acknowledged.</summary>
    private async Task WriteAsync(RunningSilo silo, string series, int count)
    {
        var segments = new SegmentService.SegmentServiceClient(silo.Channel);
        for (var number = 0; number < count; number++)
        {
            var name = $"tenants/t{number % Tenants}/segments/{series}{number}";
            await PersistAsync(() => segments.CreateSegmentAsync(
                new CreateSegmentRequest { Segment = new Segment { Name = name, Spec = new SegmentSpec() }, RequestId = $"{series}-{number}" },
                deadline: DateTime.UtcNow.AddSeconds(10)).ResponseAsync);
            _acknowledged.Enqueue(name);
        }
    }

    private static Task<Tenant> CreateTenantAsync(RunningSilo silo, string name) => PersistAsync(() => new TenantService.TenantServiceClient(silo.Channel)
        .CreateTenantAsync(new CreateTenantRequest { Tenant = new Tenant { Name = $"tenants/{name}" }, RequestId = name }, deadline: DateTime.UtcNow.AddSeconds(10)).ResponseAsync);

    /// <summary>A failed call may have been done; asked again with its request id, it is done once.</summary>
    private static async Task<T> PersistAsync<T>(Func<Task<T>> call)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await call();
            }
            catch (RpcException failure) when (IsPassing(failure.StatusCode) && Stopwatch.GetElapsedTime(start) < GiveUp)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
            }
        }
    }

    private static bool IsPassing(StatusCode status) =>
        status is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Unknown or StatusCode.Internal or StatusCode.Aborted or StatusCode.Cancelled;

    /// <summary>Exactly what was acknowledged, and nothing twice: names are unique.</summary>
    private async Task ShouldHoldAsync(RunningSilo silo)
    {
        var segments = new SegmentService.SegmentServiceClient(silo.Channel);
        List<string> found = [];
        for (var tenant = 0; tenant < Tenants; tenant++)
        {
            var request = new ListRequest { Parent = $"tenants/t{tenant}", PageSize = 1000 };
            found.AddRange((await PersistAsync(() => segments.ListSegmentsAsync(request).ResponseAsync)).Segments.Select(segment => segment.Name));
        }

        found.ShouldBe(_acknowledged, ignoreOrder: true);
    }
}
