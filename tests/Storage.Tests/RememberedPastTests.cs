using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;
using Shouldly;
using Vallum.Silo.Storage.Log;
using Vallum.Silo.Storage.Log.History;
using Vallum.Storage.Tests.Backends;
using Vallum.Storage.Tests.Faults;
using Xunit;

namespace Vallum.Storage.Tests;

/// <summary>What a log says of its past: how long, what of it, at what cost.</summary>
public sealed class RememberedPastTests : IAsyncDisposable
{
    private const int Policy = 1;
    private const int Endpoint = 2;

    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly HistoryBudget Unlimited = new(long.MaxValue, TimeSpan.MaxValue);

    private readonly MemoryBackend _backend = new();
    private readonly FakeTimeProvider _time = new(Start);

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Fact]
    public async Task Of_each_stream_the_newest_part_is_remembered_and_no_less_than_its_budget() => await Gen.Select(
        Gen.Int, Gen.Int[0, 20_000], Gen.Int[0, 20_000], Gen.Int[0, 400], Gen.Int[0, 400]).SampleAsync(
        async (seed, calm, busy, length, failing) =>
        {
            var history = new History(seed, length);
            var backend = new MemoryBackend();
            var options = LogUnderTest.SmallWith(new HistoryBudget(calm, TimeSpan.MaxValue), new HistoryBudget(busy, TimeSpan.MaxValue));
            try
            {
                var failed = await LogUnderTest.OpenAsync(
                    new FaultyStorage(backend) { FaultOf = (call, _) => call == failing ? Fault.CrashAfterCommit : Fault.None }, options);
                await LogUnderTest.AppendAsync(failed, history.Batches);
                await failed.CloseAsync();
            }
            catch (Exception failure) when (failure is IOException or InconsistentStateException)
            {
            }

            var log = await LogUnderTest.OpenAsync(backend, options);
            await LogUnderTest.AppendAsync(log, history.After(log.Committed.Revision));
            await log.CloseAsync();

            log = await LogUnderTest.OpenAsync(backend, options);
            foreach (var (kind, budget) in new[] { (Policy, calm), (Endpoint, busy) })
            {
                var all = history.Past(length).Where(entry => entry.Change.Kind == kind).ToList();
                var remembered = await LogUnderTest.PastOfAsync(log, new HistoryQuery { Kinds = [kind] });
                remembered.ShouldBe(all.Take(remembered.Count));

                // The row that was let go of last was needed to be above the budget; what the log still has comes on top.
                (remembered.Count == all.Count || remembered.Sum(entry => entry.Bytes) > budget - 500 - 1200).ShouldBeTrue();
            }

            backend.Names.Count(name => name.StartsWith("objects.history.", StringComparison.Ordinal)).ShouldBeLessThan(6 + ((calm + busy) / 250));
        },
        iter: 60);

    [Fact]
    public async Task What_changes_all_the_time_pushes_nothing_else_out()
    {
        var log = await OpenAsync(LogUnderTest.SmallWith(Unlimited, new HistoryBudget(3000, TimeSpan.MaxValue)));
        for (var revision = 1; revision <= 1000; revision++)
        {
            await log.AppendAsync(revision % 100 == 0 ? Put(revision, Policy, "db") : Put(revision, Endpoint, $"e{revision % 9}"));
        }

        await log.CloseAsync();
        (await LogUnderTest.PastOfAsync(log, new HistoryQuery { Kinds = [Policy] })).Select(entry => entry.Revision)
            .ShouldBe([1000, 900, 800, 700, 600, 500, 400, 300, 200, 100]);
        (await LogUnderTest.PastOfAsync(log, new HistoryQuery { Kinds = [Endpoint] })).Count.ShouldBeInRange(10, 80);
    }

    [Fact]
    public async Task What_is_older_than_its_time_goes_with_the_next_compaction()
    {
        var log = await OpenAsync(LogUnderTest.SmallWith(new HistoryBudget(long.MaxValue, TimeSpan.FromDays(30))));
        for (var day = 1; day <= 200; day++)
        {
            _time.Advance(TimeSpan.FromDays(1));
            await log.AppendAsync(Put(day, Policy, $"p{day % 5}") with { Time = _time.GetUtcNow() });
        }

        await log.CloseAsync();
        var remembered = await LogUnderTest.PastOfAsync(log, new HistoryQuery());
        remembered.Count.ShouldBeInRange(30, 60);
        remembered.ShouldAllBe(entry => entry.Change.Object != null);
    }

    [Fact]
    public async Task History_costs_row_writes_in_proportion_to_what_it_holds_and_none_of_a_change()
    {
        async Task<ObjectLogCounters> CostOf(HistoryOptions? history)
        {
            await using var backend = new MemoryBackend();
            var options = new ObjectLogOptions { CompactionBytes = 64 << 10, RowBytes = 2048, BucketBytes = 8192, RetainedBatches = 10, History = history };
            var log = await ObjectLog.OpenAsync(backend, LogUnderTest.Grain, _time, options);
            for (var revision = 1; revision <= 5000; revision++)
            {
                await log.AppendAsync(Put(revision, 1 + (revision % 2), $"object-{revision % 200}", bytes: 100));
            }

            await log.CloseAsync();
            return log.Counters;
        }

        var without = await CostOf(null);
        var with = await CostOf(new HistoryOptions { StreamOf = kind => LogUnderTest.StreamOf(kind) });

        with.Appends.ShouldBe(without.Appends);
        with.Appends.ShouldBe(5000);
        const int historyBytes = 5000 * 320;
        (with.Writes - without.Writes).ShouldBeInRange(1, (historyBytes / 8192) + (2 * with.Compactions));

        // Each log row that goes is read once, and each history row before it is written.
        (with.Reads - without.Reads).ShouldBeLessThan((5000 * 300 / 2048) + (with.Writes - without.Writes) + (4 * with.Compactions));
    }

    [Fact]
    public async Task A_reader_that_goes_on_after_compactions_misses_nothing_and_sees_nothing_twice()
    {
        var history = new History(seed: 5, length: 600);
        var log = await LogUnderTest.OpenAsync(_backend);
        await LogUnderTest.AppendAsync(log, history.Batches.Take(200));
        var query = new HistoryQuery { Limit = 10 };
        List<HistoryEntry> seen = [];
        for (HistoryCursor? cursor = HistoryCursor.Start; cursor is not null;)
        {
            var page = await log.HistoryAsync(query with { After = cursor });
            seen.AddRange(page.Entries);
            cursor = page.Next;
            await LogUnderTest.AppendAsync(log, history.After(log.Committed.Revision).Take(10));
        }

        seen.ShouldBe(history.Past(200));
    }

    [Fact]
    public async Task A_reader_in_the_middle_of_which_log_rows_go_misses_nothing()
    {
        var history = new History(seed: 6, length: 400);
        var storage = new FaultyStorage(_backend);
        var log = await LogUnderTest.OpenAsync(storage);
        await LogUnderTest.AppendAsync(log, history.Batches.Take(100));
        var appending = false;
        storage.BeforeCall = async (_, what) =>
        {
            // Before the reader gets its row, the writer does a hundred changes.
            if (!appending && what.StartsWith("read objects.log.", StringComparison.Ordinal))
            {
                appending = true;
                await LogUnderTest.AppendAsync(log, history.After(log.Committed.Revision).Take(100));
                await log.CloseAsync();
            }
        };

        var seen = await LogUnderTest.PastOfAsync(log, new HistoryQuery { Limit = 1000 });

        appending.ShouldBeTrue();
        seen.ShouldBe(history.Past(200).SkipWhile(entry => entry.Position != seen[0].Position));
        seen.Count.ShouldBeGreaterThanOrEqualTo(history.Past(100).Count());
    }

    [Fact]
    public async Task A_question_is_answered_by_kind_name_actor_and_time()
    {
        var log = await OpenAsync(LogUnderTest.SmallWith(Unlimited));
        for (var revision = 1; revision <= 400; revision++)
        {
            var batch = Put(revision, 1 + (revision % 2), $"o{revision % 10}");
            await log.AppendAsync(batch with { Time = Start.AddMinutes(revision), Actor = revision % 7 == 0 ? "ann" : "bob" });
        }

        async Task<IEnumerable<long>> Ask(HistoryQuery query) => (await LogUnderTest.PastOfAsync(log, query)).Select(entry => entry.Revision);

        (await Ask(new HistoryQuery { Kinds = [Policy], Name = "o4" })).ShouldBe(Newest(revision => revision % 10 == 4));
        (await Ask(new HistoryQuery { Kinds = [Endpoint], Name = "o4" })).ShouldBeEmpty();
        (await Ask(new HistoryQuery { Actor = "ann" })).ShouldBe(Newest(revision => revision % 7 == 0));
        (await Ask(new HistoryQuery { Since = Start.AddMinutes(50), Until = Start.AddMinutes(60) })).ShouldBe(Newest(revision => revision is >= 50 and < 60));
        (await Ask(new HistoryQuery { Since = Start.AddDays(9) })).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_question_reads_its_share_of_rows_and_says_where_to_go_on()
    {
        var log = await OpenAsync(LogUnderTest.SmallWith(Unlimited));
        for (var revision = 1; revision <= 400; revision++)
        {
            await log.AppendAsync(Put(revision, Policy, "busy"));
        }

        await log.CloseAsync();
        var before = log.Counters.Reads;
        var page = await log.HistoryAsync(new HistoryQuery { Name = "nobody" });

        page.Entries.ShouldBeEmpty();
        page.Next.ShouldNotBeNull();
        (log.Counters.Reads - before).ShouldBe(3);
        (await LogUnderTest.PastOfAsync(log, new HistoryQuery { Name = "nobody" })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Rows_from_before_there_was_a_history_are_read()
    {
        // As the serializer wrote them: a batch without the state before it, and a manifest that knows no history.
        var manifest = Read<LogManifest>("IOgADQEBARkBGSHoAAEBAeABAQEBwQHg");
        var row = Read<LogRow>(
            "IAANAQEhIAADIegAHSGAgAC3lqtJ3giBAAAAAAAAAADgQSVpcHY0OjEwLjAuMC45OjQ0MTFBBXI3QQUCBCEgAAUh6AAZQQVkYiHoQAsKAwECA0EFdTEBCQEdIYCAALeWq0neCIEAAAAAAAAA" +
            "AOAhgIAAt5arSd4IgQAAAAAAAAAA4ODgIOgACUEHd2ViwQHg4ODg4ODg");
        manifest.CalmHistory.ShouldBe(default);
        await WriteAsync("objects.manifest", manifest);
        await WriteAsync("objects.log.0", row);

        var log = await OpenAsync(LogUnderTest.SmallWith(Unlimited));

        log.Committed.Objects.Keys.ShouldHaveSingleItem().Name.ShouldBe("db");
        var past = await LogUnderTest.PastOfAsync(log, new HistoryQuery());
        past.Select(entry => (entry.Revision, entry.Change.Name, entry.Actor)).ShouldBe([(7, "web", "ipv4:10.0.0.9:4411"), (7, "db", "ipv4:10.0.0.9:4411")]);
        past.ShouldAllBe(entry => entry.Change.Before == null);
        past[1].Change.Object.ShouldNotBeNull().Content.ToArray().ShouldBe([10, 3, 1, 2, 3]);
    }

    private static IEnumerable<long> Newest(Func<long, bool> wanted) => Enumerable.Range(1, 400).Select(number => (long)number).Where(wanted).Reverse();

    private static T Read<T>(string base64) => Serialization.Storage.Deserialize<T>(new BinaryData(Convert.FromBase64String(base64)))!;

    private Task WriteAsync<T>(string name, T content) =>
        _backend.WriteStateAsync(name, LogUnderTest.Grain, new GrainState<T> { State = content });

    private static Batch Put(long revision, int kind, string name, int bytes = 20) => new()
    {
        Revision = revision,
        Time = Start,
        Actor = "bob",
        Changes = [ObjectChange.Put(new ObjectKey(kind, name), new StoredObject { Revision = revision, Content = new byte[bytes] })],
    };

    private Task<ObjectLog> OpenAsync(ObjectLogOptions options) => ObjectLog.OpenAsync(_backend, LogUnderTest.Grain, _time, options);
}
