using Shouldly;
using Vallum.Silo.Storage.Log;
using Vallum.Storage.Tests.Backends;
using Xunit;

namespace Vallum.Storage.Tests;

/// <summary>
/// What a log promises when that on which it stands goes away and comes back. An operator's outage lasts ten seconds and more, and a call then waits for
/// seconds; here both are shorter, in the same order: first calls fail, then the storage is back. On a busy machine calls may also fail by themselves: so
/// owners open the log again, as grains do, and what is asserted is what is lost or done twice, not who failed.
/// </summary>
public abstract class StorageOutageContract : IAsyncLifetime
{
    protected static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly History _history = new(seed: 5, length: 120);
    private StorageBackend _backend = null!;
    private long _acknowledged;
    private long _appended;

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
        var log = await ReachAsync(40);
        await _backend.FreezeAsync();

        await AppendAsync(log, 80);
        _acknowledged.ShouldBe(40);
        log.IsFaulted.ShouldBeTrue();
        await _backend.ThawAsync();

        await GoesOnAsync();
    }

    [Fact]
    public async Task A_log_cannot_be_opened_while_the_storage_is_gone_and_can_after()
    {
        await ReachAsync(40);
        await _backend.FreezeAsync();
        var failure = await Should.ThrowAsync<Exception>(() => LogUnderTest.OpenAsync(_backend.Storage));
        LogUnderTest.IsStorages(failure).ShouldBeTrue($"{failure}");
        await _backend.ThawAsync();

        await GoesOnAsync();
    }

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_restart_in_the_middle_of_writing()
    {
        var log = await ReachAsync(10);
        var writing = Task.Run(() => AppendAsync(log, _history.Batches.Count, atOnce: 1), TestContext.Current.CancellationToken);
        while (log.Committed.Revision < 20 && !writing.IsCompleted)
        {
            await Task.Yield();
        }

        await _backend.RestartAsync();
        await writing;

        await GoesOnAsync();
    }

    [Fact]
    public async Task An_owner_whose_storage_was_emptied_can_write_nothing_any_more()
    {
        // So many that some of them begin a new row, which has no ETag to fail by.
        for (var before = 1; before <= 12; before++)
        {
            await EmptyAsync();
            var log = await ReachAsync(before);
            await EmptyAsync();

            await AppendAsync(log, _history.Batches.Count, atOnce: 1);

            _acknowledged.ShouldBe(0, "nothing may be acknowledged over storage that holds nothing of what came before");
            log.IsFaulted.ShouldBeTrue();
        }
    }

    protected abstract Task<StorageBackend> StartAsync();

    private async Task EmptyAsync()
    {
        await _backend.EmptyAsync();
        (_acknowledged, _appended) = (0, 0);
    }

    /// <summary>A log that holds the first so many batches; whenever it is opened it must hold what was acknowledged.</summary>
    private async Task<ObjectLog> ReachAsync(int revision)
    {
        while (true)
        {
            var log = await LogUnderTest.OpenPatientlyAsync(_backend.Storage);
            _history.ShouldBeIn(log, _acknowledged, _appended);
            await AppendAsync(log, revision);
            if (!log.IsFaulted)
            {
                return log;
            }
        }
    }

    private async Task AppendAsync(ObjectLog log, int revision, int atOnce = 3)
    {
        var before = log.Committed.Revision;
        var (acknowledged, appended) = await LogUnderTest.AppendAsync(log, _history.Batches.Take(revision).Skip((int)before), atOnce);
        _acknowledged = acknowledged > before ? acknowledged : _acknowledged;
        _appended = Math.Max(_appended, appended);
    }

    private async Task GoesOnAsync()
    {
        await (await ReachAsync(_history.Batches.Count)).CloseAsync();
        await _backend.ReopenAsync();
        _history.ShouldBeIn(await LogUnderTest.OpenPatientlyAsync(_backend.Storage), _history.Batches.Count, _history.Batches.Count);
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
