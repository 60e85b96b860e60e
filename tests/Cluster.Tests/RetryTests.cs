using Microsoft.Data.Sqlite;
using Orleans.Persistence.Redis;
using Orleans.Storage;
using StackExchange.Redis;
using Vallum.Silo.Grains;
using Vallum.Silo.Storage;

namespace Vallum.Cluster.Tests;

public sealed class RetryTests
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);

    public static TheoryData<Exception> OfStorages =>
    [
        new RedisConnectionException(ConnectionFailureType.SocketClosed, "gone"),
        new RedisTimeoutException("no answer", CommandStatus.Sent),
        new RedisServerException("LOADING Redis is loading the dataset in memory"),
        new RedisStorageException("cannot be read"),
        new SqliteException("database is locked", 5),
    ];

    [Theory, MemberData(nameof(OfStorages))]
    public async Task A_question_to_a_grain_that_cannot_be_read_now_is_asked_again(Exception failure)
    {
        var storage = new PassingFaultStorage(new FailingOnce(failure));

        var answer = await Retry.WithinAsync(Within, TimeProvider.System, async () =>
        {
            await storage.ReadStateAsync("row", GrainId.Create("tenant", "shop"), new GrainState<string>());
            return "read";
        }, TestContext.Current.CancellationToken);

        answer.ShouldBe("read");
    }

    [Fact]
    public async Task The_failure_keeps_its_words()
    {
        var storage = new PassingFaultStorage(new FailingOnce(new RedisTimeoutException("no answer in 5 s", CommandStatus.Sent)));

        var told = await Should.ThrowAsync<OrleansException>(() => storage.WriteStateAsync("row", GrainId.Create("tenant", "shop"), new GrainState<string>()));

        told.Message.ShouldBe("The storage failed: no answer in 5 s");
    }

    [Fact]
    public async Task A_conflict_stays_a_conflict_and_a_fault_of_ours_is_not_asked_again()
    {
        var conflict = new PassingFaultStorage(new FailingOnce(new InconsistentStateException("another owner")));
        var fault = new PassingFaultStorage(new FailingOnce(new InvalidDataException("a row is missing")));

        await Should.ThrowAsync<InconsistentStateException>(() => conflict.ClearStateAsync("row", GrainId.Create("tenant", "shop"), new GrainState<string>()));
        await Should.ThrowAsync<InvalidDataException>(() => Retry.WithinAsync(Within, TimeProvider.System, async () =>
        {
            await fault.ReadStateAsync("row", GrainId.Create("tenant", "shop"), new GrainState<string>());
            return 0;
        }, TestContext.Current.CancellationToken));
    }

    private sealed class FailingOnce(Exception failure) : IGrainStorage
    {
        private bool _failed;

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => OnceAsync();

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => OnceAsync();

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => OnceAsync();

        private Task OnceAsync()
        {
            var failed = _failed;
            _failed = true;
            return failed ? Task.CompletedTask : Task.FromException(failure);
        }
    }
}
