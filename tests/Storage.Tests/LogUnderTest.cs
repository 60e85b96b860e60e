using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Orleans.Persistence.Redis;
using Orleans.Storage;
using Shouldly;
using StackExchange.Redis;
using Vallum.Silo.Storage.Log;
using Vallum.Silo.Storage.Log.History;

namespace Vallum.Storage.Tests;

/// <summary>Logs with sizes so small that a short history meets every turn: sealed rows, large batches, compactions, new layouts, rows of requests.</summary>
internal static class LogUnderTest
{
    public const int Remembered = 12;

    public static readonly GrainId Grain = GrainId.Create("tenant", "acme");

    private static readonly ObjectLogOptions Small = SmallWith(new HistoryBudget(long.MaxValue, TimeSpan.MaxValue));

    /// <summary>The first kind is calm, the second busy.</summary>
    public static HistoryStream? StreamOf(int kind) => kind == 1 ? HistoryStream.Calm : HistoryStream.Busy;

    public static ObjectLogOptions SmallWith(HistoryBudget calm, HistoryBudget? busy = null) => new()
    {
        RowBytes = 700,
        CompactionChanges = 12,
        CompactionBytes = 2000,
        BucketBytes = 500,
        RetainedBatches = 5,
        RememberedRequests = Remembered,
        RememberFor = TimeSpan.FromSeconds(5),
        History = new HistoryOptions { StreamOf = kind => StreamOf(kind), Calm = calm, Busy = busy ?? calm, RowsPerQuestion = 3, BytesPerAnswer = 2000 },
    };

    public static Task<ObjectLog> OpenAsync(IGrainStorage storage, ObjectLogOptions? options = null) =>
        ObjectLog.OpenAsync(storage, Grain, new FakeTimeProvider(new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero)), options ?? Small);

    /// <summary>All answers to a question, one after the other.</summary>
    public static async Task<List<HistoryEntry>> PastOfAsync(ObjectLog log, HistoryQuery query)
    {
        List<HistoryEntry> found = [];
        for (HistoryQuery? next = query; next is not null;)
        {
            var page = await log.HistoryAsync(next);
            page.Entries.Length.ShouldBeLessThanOrEqualTo(query.Limit);
            found.AddRange(page.Entries);
            next = page.Next is { } cursor ? query with { After = cursor } : null;
        }

        return found;
    }

    /// <summary>Opens the log as a grain does that is asked again and again: storage that has just come back may still be busy with itself.</summary>
    public static async Task<ObjectLog> OpenPatientlyAsync(IGrainStorage storage)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OpenAsync(storage);
            }
            catch (Exception failure) when (IsStorages(failure) && attempt < 20)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    /// <summary>It is the storage that failed, and not what is tested.</summary>
    public static bool IsStorages(Exception failure) =>
        failure is IOException or InconsistentStateException or TimeoutException or RedisException or RedisStorageException or SqliteException;

    /// <summary>Appends batches, several at once, until the log fails.</summary>
    /// <returns>The last revision acknowledged, and the last handed over.</returns>
    public static async Task<(long Acknowledged, long Appended)> AppendAsync(ObjectLog log, IEnumerable<Batch> batches, int atOnce = 3)
    {
        var acknowledged = log.Committed.Revision;
        var appended = log.Head.Revision;
        foreach (var several in batches.Chunk(atOnce))
        {
            List<Task> waiting = [];
            try
            {
                foreach (var batch in several)
                {
                    waiting.Add(log.AppendAsync(batch));
                    appended = batch.Revision;
                }
            }
            catch (ObjectLogFaultedException)
            {
            }

            for (var index = 0; index < waiting.Count; index++)
            {
                try
                {
                    await waiting[index];
                    acknowledged = several[index].Revision;
                }
                catch (Exception failure) when (IsStorages(failure))
                {
                }
            }

            if (log.IsFaulted)
            {
                break;
            }
        }

        return (acknowledged, appended);
    }
}
