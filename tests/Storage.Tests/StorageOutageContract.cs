using Shouldly;
using Vallum.Storage.Tests.Backends;
using Xunit;

namespace Vallum.Storage.Tests;

/// <summary>
/// What a log promises when that on which it stands goes away and comes back. An operator's outage lasts ten seconds and more, and a call then waits for
/// seconds; here both are shorter, in the same order: first calls fail, then the storage is back.
/// </summary>
public abstract class StorageOutageContract : IAsyncLifetime
{
    protected static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(500);

    private readonly History _history = new(seed: 5, length: 120);
    private StorageBackend _backend = null!;

    public async ValueTask InitializeAsync() => _backend = await StartAsync();

    public virtual async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Who_writes_while_the_storage_is_gone_is_told_so_and_what_was_acknowledged_before_is_there_after()
    {
        var log = await LogUnderTest.OpenAsync(_backend.Storage);
        await LogUnderTest.AppendAsync(log, _history.Batches.Take(40));
        await _backend.FreezeAsync();

        var (acknowledged, appended) = await LogUnderTest.AppendAsync(log, _history.After(40).Take(40));
        acknowledged.ShouldBe(40);
        log.IsFaulted.ShouldBeTrue();
        await _backend.ThawAsync();

        await GoesOnAsync(acknowledged, appended);
    }

    [Fact]
    public async Task A_log_cannot_be_opened_while_the_storage_is_gone_and_can_after()
    {
        await LogUnderTest.AppendAsync(await LogUnderTest.OpenAsync(_backend.Storage), _history.Batches.Take(40));
        await _backend.FreezeAsync();
        (await Should.ThrowAsync<Exception>(() => LogUnderTest.OpenAsync(_backend.Storage))).ShouldSatisfyAllConditions(e => LogUnderTest.IsStorages(e).ShouldBeTrue($"{e}"));
        await _backend.ThawAsync();

        await GoesOnAsync(40, 40);
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_in_the_middle_of_writing()
    {
        var log = await LogUnderTest.OpenAsync(_backend.Storage);
        var writing = Task.Run(() => LogUnderTest.AppendAsync(log, _history.Batches, atOnce: 1), TestContext.Current.CancellationToken);
        while (log.Committed.Revision < 20)
        {
            await Task.Yield();
        }

        await _backend.RestartAsync();
        var (acknowledged, appended) = await writing;

        await GoesOnAsync(acknowledged, appended);
    }

    [Fact]
    public async Task An_owner_whose_storage_was_emptied_can_write_nothing_any_more()
    {
        // So many that some of them begin a new row, which has no ETag to fail by.
        for (var before = 1; before <= 12; before++)
        {
            await _backend.EmptyAsync();
            var log = await LogUnderTest.OpenAsync(_backend.Storage);
            await LogUnderTest.AppendAsync(log, _history.Batches.Take(before));
            await _backend.EmptyAsync();

            var (acknowledged, _) = await LogUnderTest.AppendAsync(log, _history.After(before), atOnce: 1);

            acknowledged.ShouldBe(before, "nothing may be acknowledged over storage that holds nothing of what came before");
            log.IsFaulted.ShouldBeTrue();
        }
    }

    protected abstract Task<StorageBackend> StartAsync();

    private async Task GoesOnAsync(long acknowledged, long appended)
    {
        var opened = await LogUnderTest.OpenPatientlyAsync(_backend.Storage);
        _history.ShouldBeIn(opened, acknowledged, appended);
        await LogUnderTest.AppendAsync(opened, _history.After(opened.Committed.Revision));
        await opened.CloseAsync();
        await _backend.ReopenAsync();
        _history.ShouldBeIn(await LogUnderTest.OpenAsync(_backend.Storage), _history.Batches.Count, _history.Batches.Count);
    }
}

public sealed class MemoryOutageTests : StorageOutageContract
{
    protected override Task<StorageBackend> StartAsync() => Task.FromResult<StorageBackend>(new MemoryBackend());
}

public sealed class SqliteOutageTests : StorageOutageContract
{
    protected override Task<StorageBackend> StartAsync() => Task.FromResult<StorageBackend>(new SqliteBackend(Timeout));
}

/// <summary>Each test has a server of its own, which it may freeze, end and empty.</summary>
public sealed class RedisOutageTests : StorageOutageContract
{
    private readonly RedisServer _server = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _server.Dispose();
    }

    protected override async Task<StorageBackend> StartAsync() => await RedisBackend.StartAsync(_server, Timeout);
}
