using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;
using Orleans.Persistence.Redis;
using Orleans.Storage;
using StackExchange.Redis;
using Vallum.Silo.Storage.Log;

namespace Vallum.Storage.Tests;

/// <summary>Logs with sizes so small that a short history meets every turn: sealed rows, large batches, compactions, new layouts, rows of requests.</summary>
internal static class LogUnderTest
{
    public const int Remembered = 12;

    public static readonly GrainId Grain = GrainId.Create("tenant", "acme");

    private static readonly ObjectLogOptions Small = new()
    {
        RowBytes = 700,
        CompactionChanges = 12,
        CompactionBytes = 2000,
        BucketBytes = 500,
        RetainedBatches = 5,
        RememberedRequests = Remembered,
        RememberFor = TimeSpan.FromSeconds(5),
    };

    public static Task<ObjectLog> OpenAsync(IGrainStorage storage) =>
        ObjectLog.OpenAsync(storage, Grain, new FakeTimeProvider(new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero)), Small);

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
