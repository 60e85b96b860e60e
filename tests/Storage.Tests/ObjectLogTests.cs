using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Vallum.Silo.Storage.Log;
using Vallum.Storage.Tests.Backends;
using Vallum.Storage.Tests.Faults;
using Xunit;

namespace Vallum.Storage.Tests;

public sealed class ObjectLogTests : IAsyncDisposable
{
    private static readonly GrainId Grain = GrainId.Create("tenant", "acme");

    private readonly MemoryBackend _backend = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Fact]
    public async Task A_batch_alone_costs_one_row_write()
    {
        var log = await OpenAsync();
        var before = log.Counters.Writes;
        for (var revision = 1; revision <= 20; revision++)
        {
            await log.AppendAsync(Put(revision, $"object-{revision}"));
        }

        log.Counters.Appends.ShouldBe(20);
        (log.Counters.Writes - before).ShouldBe(20);
    }

    [Fact]
    public async Task Batches_that_come_while_a_row_is_written_share_the_next_write()
    {
        var gate = new TaskCompletionSource();
        var storage = new FaultyStorage(_backend);
        var log = await ObjectLog.OpenAsync(storage, Grain, _time);
        storage.BeforeCall = (_, _) => gate.Task;
        var waiting = Enumerable.Range(1, 100).Select(revision => log.AppendAsync(Put(revision, $"object-{revision}"))).ToList();
        log.Head.Revision.ShouldBe(100);
        log.Committed.Revision.ShouldBe(0);
        gate.SetResult();
        await Task.WhenAll(waiting);

        log.Counters.Appends.ShouldBe(2);
        log.Committed.ShouldBe(log.Head);
    }

    [Fact]
    public async Task A_failed_write_fails_all_who_wait_and_the_log_until_it_is_opened_again()
    {
        var storage = new FaultyStorage(_backend);
        var log = await ObjectLog.OpenAsync(storage, Grain, _time);
        storage.FaultOf = (_, what) => what.StartsWith("write", StringComparison.Ordinal) ? Fault.AfterCommit : Fault.None;
        var gate = new TaskCompletionSource();
        storage.BeforeCall = (_, _) => gate.Task;
        var waiting = Enumerable.Range(1, 3).Select(revision => log.AppendAsync(Put(revision, "object"))).ToList();
        gate.SetResult();

        foreach (var task in waiting)
        {
            await Should.ThrowAsync<IOException>(() => task);
        }

        (await log.Faulted).ShouldBeOfType<IOException>();
        log.Committed.Revision.ShouldBe(0);
        Should.Throw<ObjectLogFaultedException>(() => log.AppendAsync(Put(4, "object"))).InnerException.ShouldBeOfType<IOException>();
        (await OpenAsync()).Committed.Revision.ShouldBe(1, "the write that failed had happened");
    }

    [Fact]
    public async Task The_rows_stay_in_proportion_to_the_state_and_not_to_its_past()
    {
        var options = new ObjectLogOptions { CompactionBytes = 16 << 10, RowBytes = 2048, BucketBytes = 4096, RetainedBatches = 10 };
        var log = await OpenAsync(options);
        for (var revision = 1; revision <= 5000; revision++)
        {
            await log.AppendAsync(Put(revision, $"object-{revision % 200}", bytes: 100));
        }

        await log.CloseAsync();
        log.Counters.Compactions.ShouldBeGreaterThan(5);
        _backend.Names.Count.ShouldBeLessThan(200);
        _backend.LargestRowBytes.ShouldBeLessThan(8192);
        (log.Counters.Writes / 5000.0).ShouldBeLessThan(1.6);
        var opened = await OpenAsync(options);
        opened.Committed.Objects.Count.ShouldBe(200);
        opened.Committed.Revision.ShouldBe(5000);
    }

    [Fact]
    public async Task A_request_is_remembered_for_its_time_through_compactions_and_openings()
    {
        var options = new ObjectLogOptions { CompactionChanges = 10, RowBytes = 500, RetainedBatches = 2, RememberedRequests = 5, CompactionBytes = 2000 };
        var log = await OpenAsync(options);
        for (var revision = 1; revision <= 300; revision++)
        {
            await log.AppendAsync(Put(revision, $"object-{revision % 7}") with { RequestId = $"r{revision}", Outcome = new byte[] { (byte)revision } });
        }

        await log.CloseAsync();
        log = await OpenAsync(options);
        (await log.FindRequestAsync("r1")).ShouldNotBeNull().Outcome.ToArray().ShouldBe([1]);
        Should.Throw<ArgumentException>(() => log.AppendAsync(Put(301, "object-1") with { RequestId = "r1" })).Message.ShouldContain("r1");

        _time.Advance(TimeSpan.FromMinutes(11));
        for (var revision = 301; revision <= 400; revision++)
        {
            await log.AppendAsync(Put(revision, $"object-{revision % 7}") with { RequestId = $"r{revision}" });
        }

        await log.CloseAsync();
        log = await OpenAsync(options);
        (await log.FindRequestAsync("r1")).ShouldBeNull();
        (await log.FindRequestAsync("r301")).ShouldNotBeNull().Revision.ShouldBe(301);
        _backend.Names.Count(name => name.Contains("requests", StringComparison.Ordinal)).ShouldBeLessThan(12);
    }

    [Fact]
    public async Task Asking_for_a_request_that_is_being_made_durable_waits_for_it()
    {
        var gate = new TaskCompletionSource();
        var storage = new FaultyStorage(_backend);
        var log = await ObjectLog.OpenAsync(storage, Grain, _time);
        storage.BeforeCall = (_, _) => gate.Task;
        var append = log.AppendAsync(Put(1, "object") with { RequestId = "r1" });

        var asked = log.FindRequestAsync("r1");
        asked.IsCompleted.ShouldBeFalse();
        gate.SetResult();

        (await asked).ShouldNotBeNull().Revision.ShouldBe(1);
        await append;
    }

    [Fact]
    public async Task A_watcher_that_is_too_far_behind_is_told_so()
    {
        var log = await OpenAsync(new ObjectLogOptions { RetainedBatches = 10 });
        for (var revision = 1; revision <= 30; revision++)
        {
            await log.AppendAsync(Put(revision * 2, "object"));
        }

        log.DroppedRevision.ShouldBe(40);
        log.BatchesAfter(39).ShouldBeNull();
        log.BatchesAfter(40).ShouldNotBeNull().Select(batch => batch.Revision).ShouldBe(Enumerable.Range(21, 10).Select(each => each * 2L));
        log.BatchesAfter(60).ShouldNotBeNull().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_batch_that_cannot_be_taken_changes_nothing()
    {
        var log = await OpenAsync(new ObjectLogOptions { BatchBytes = 1000 });
        await log.AppendAsync(Put(5, "object"));

        Should.Throw<ArgumentException>(() => log.AppendAsync(Put(5, "object"))).Message.ShouldContain("not after 5");
        Should.Throw<ArgumentException>(() => log.AppendAsync(Put(6, "object", bytes: 2000))).Message.ShouldContain("1000");

        log.Head.Revision.ShouldBe(5);
        await log.AppendAsync(Put(6, "object"));
        await log.CloseAsync();
        Should.Throw<ObjectDisposedException>(() => log.AppendAsync(Put(7, "object")));
    }

    [Fact]
    public void Objects_and_batches_are_equal_by_content()
    {
        Put(1, "object", bytes: 9).ShouldBe(Put(1, "object", bytes: 9));
        Put(1, "object", bytes: 9).GetHashCode().ShouldBe(Put(1, "object", bytes: 9).GetHashCode());
        Put(1, "object", bytes: 9).ShouldNotBe(Put(1, "object", bytes: 8));
        (Put(1, "object") with { Outcome = new byte[] { 1 } }).ShouldNotBe(Put(1, "object"));
    }

    private static Batch Put(long revision, string name, int bytes = 20) => new()
    {
        Revision = revision,
        Time = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) + (revision > 300 ? TimeSpan.FromMinutes(11) : TimeSpan.Zero),
        Changes = [ObjectChange.Put(new ObjectKey(1, name), new StoredObject { Revision = revision, Content = new byte[bytes] })],
    };

    private Task<ObjectLog> OpenAsync(ObjectLogOptions? options = null) => ObjectLog.OpenAsync(_backend, Grain, _time, options);
}
