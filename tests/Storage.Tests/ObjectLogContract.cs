using Orleans.Storage;
using Shouldly;
using Vallum.Silo.Storage.Log;
using Vallum.Storage.Tests.Backends;
using Vallum.Storage.Tests.Faults;
using Xunit;

namespace Vallum.Storage.Tests;

/// <summary>What a log promises on any storage.</summary>
public abstract class ObjectLogContract : IAsyncLifetime
{
    private StorageBackend _backend = null!;

    private IGrainStorage Storage => _backend.Storage;

    /// <summary>Crash points tried per test: every n-th call.</summary>
    protected virtual int EveryCall => 1;

    public async ValueTask InitializeAsync() => _backend = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_new_log_is_empty()
    {
        var log = await LogUnderTest.OpenAsync(Storage);

        log.Epoch.ShouldBe(1);
        log.Committed.ShouldBe(LogState.Empty);
        log.BatchesAfter(0).ShouldNotBeNull().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_appended_is_there_after_every_opening()
    {
        var history = new History(seed: 1, length: 400);
        for (var opening = 1; opening <= 5; opening++)
        {
            var log = await LogUnderTest.OpenAsync(Storage);
            log.Epoch.ShouldBe(opening);
            history.ShouldBeIn(log, (opening - 1) * 80, (opening - 1) * 80);
            await history.RequestsShouldBeIn(log, LogUnderTest.Remembered);
            await history.PastShouldBeIn(log);

            var (acknowledged, _) = await LogUnderTest.AppendAsync(log, history.After(log.Committed.Revision).Take(80));
            acknowledged.ShouldBe(opening * 80);
            history.ShouldBeIn(log, acknowledged, acknowledged);
            await log.CloseAsync();
            await _backend.ReopenAsync();
        }
    }

    [Fact]
    public async Task A_batch_larger_than_a_row_is_whole_after_opening()
    {
        var log = await LogUnderTest.OpenAsync(Storage);
        var batch = new Batch
        {
            Revision = 1,
            Changes =
            [
                .. Enumerable.Range(0, 500).Select(number => ObjectChange.Put(
                    new ObjectKey(1, $"object-{number}"), new StoredObject { Revision = 1, Content = new byte[1000] })),
            ],
        };
        await log.AppendAsync(batch);
        await log.CloseAsync();

        var opened = await LogUnderTest.OpenAsync(Storage);

        opened.Committed.Objects.Count.ShouldBe(500);
        opened.BatchesAfter(opened.DroppedRevision).ShouldNotBeNull().ShouldBe([batch]);
    }

    [Fact]
    public async Task Who_opens_the_log_ends_the_owner_before()
    {
        var history = new History(seed: 2, length: 100);
        var before = await LogUnderTest.OpenAsync(Storage);
        await LogUnderTest.AppendAsync(before, history.Batches.Take(50));
        await before.CloseAsync();

        foreach (var sleeping in new[] { 0, 1, 2, 3 })
        {
            var old = await LogUnderTest.OpenAsync(Storage);
            await LogUnderTest.AppendAsync(old, history.After(old.Committed.Revision).Take(sleeping), atOnce: 1);
            var revision = old.Committed.Revision;
            var next = await LogUnderTest.OpenAsync(Storage);

            // When the old owner was in the middle of a compaction, it has met the next one already.
            var ended = await Should.ThrowAsync<Exception>(() => old.AppendAsync(history.After(revision).First()));
            (ended as ObjectLogFaultedException is { } earlier ? earlier.InnerException : ended).ShouldBeOfType<InconsistentStateException>();

            old.IsFaulted.ShouldBeTrue();
            history.ShouldBeIn(next, revision, revision);
            await next.AppendAsync(history.After(revision).First());
            await next.CloseAsync();
        }
    }

    [Theory]
    [InlineData(Fault.CrashBefore)]
    [InlineData(Fault.CrashAfterCommit)]
    [InlineData(Fault.Before)]
    [InlineData(Fault.AfterCommit)]
    [InlineData(Fault.Conflict)]
    [InlineData(Fault.Late)]
    [InlineData(Fault.Slow)]
    public async Task A_failure_at_any_storage_call_loses_nothing_acknowledged_and_halves_nothing(Fault fault)
    {
        var history = new History(seed: 3, length: 90);
        for (var (failing, failed) = (0, true); failed; failing += EveryCall)
        {
            await using var fresh = await StartAsync();
            var faulty = new FaultyStorage(fresh.Storage) { FaultOf = (call, _) => call == failing ? fault : Fault.None };
            var (acknowledged, appended) = (0L, 0L);
            try
            {
                var log = await LogUnderTest.OpenAsync(faulty);
                (acknowledged, appended) = await LogUnderTest.AppendAsync(log, history.Batches);
                await log.CloseAsync();
            }
            catch (Exception failure) when (failure is IOException or InconsistentStateException)
            {
            }

            failed = faulty.Calls > failing;
            var opened = await LogUnderTest.OpenAsync(fresh.Storage);
            await faulty.ReleaseAsync();
            history.ShouldBeIn(opened, acknowledged, appended);
            await history.RequestsShouldBeIn(opened, LogUnderTest.Remembered);
            await history.PastShouldBeIn(opened);

            (acknowledged, appended) = await LogUnderTest.AppendAsync(opened, history.After(opened.Committed.Revision));
            if (fault == Fault.Late && opened.IsFaulted)
            {
                // It has met a row that the late call made, and is read again, as grains do.
                opened = await LogUnderTest.OpenAsync(fresh.Storage);
                history.ShouldBeIn(opened, acknowledged, appended);
                (acknowledged, _) = await LogUnderTest.AppendAsync(opened, history.After(opened.Committed.Revision));
            }

            acknowledged.ShouldBe(history.Batches.Count);
            await opened.CloseAsync();
            var last = await LogUnderTest.OpenAsync(fresh.Storage);
            history.ShouldBeIn(last, history.Batches.Count, history.Batches.Count);
            await history.RequestsShouldBeIn(last, LogUnderTest.Remembered);
            await history.PastShouldBeIn(last);
        }
    }

    protected abstract Task<StorageBackend> StartAsync();
}

public sealed class ObjectLogOnMemoryTests : ObjectLogContract
{
    protected override Task<StorageBackend> StartAsync() => Task.FromResult<StorageBackend>(new MemoryBackend());
}

public sealed class ObjectLogOnSqliteTests : ObjectLogContract
{
    protected override int EveryCall => 23;

    protected override Task<StorageBackend> StartAsync() => Task.FromResult<StorageBackend>(new SqliteBackend());
}

public sealed class ObjectLogOnRedisTests(RedisServer server) : ObjectLogContract
{
    protected override int EveryCall => 23;

    protected override async Task<StorageBackend> StartAsync() => await RedisBackend.StartAsync(server);
}
