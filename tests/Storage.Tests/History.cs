using Shouldly;
using Vallum.Silo.Storage.Log;
using Vallum.Silo.Storage.Log.History;

namespace Vallum.Storage.Tests;

/// <summary>Batches of a random but repeatable past, and what a log must say after any number of them.</summary>
internal sealed class History
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<Batch> _batches = [];
    private readonly Dictionary<ObjectKey, StoredObject> _objects = [];
    private readonly Random _random;

    public History(int seed, int length)
    {
        _random = new Random(seed);
        for (var revision = 1; revision <= length; revision++)
        {
            _batches.Add(Next(revision));
        }
    }

    public IReadOnlyList<Batch> Batches => _batches;

    public IEnumerable<Batch> After(long revision) => _batches.Skip((int)revision);

    /// <summary>The log holds exactly the batches up to its own revision, which is between the two.</summary>
    public void ShouldBeIn(ObjectLog log, long atLeast, long atMost)
    {
        var revision = log.Committed.Revision;
        revision.ShouldBeInRange(atLeast, atMost);
        var expected = _batches.Take((int)revision).ToList();
        Objects(expected).OrderBy(pair => pair.Key.Kind).ThenBy(pair => pair.Key.Name, StringComparer.Ordinal)
            .ShouldBe(log.Committed.Objects.OrderBy(pair => pair.Key.Kind).ThenBy(pair => pair.Key.Name, StringComparer.Ordinal));
        log.BatchesAfter(log.DroppedRevision).ShouldNotBeNull().ShouldBe(expected.Skip((int)log.DroppedRevision));
        log.Head.ShouldBe(log.Committed);
    }

    /// <summary>What the log tells of the past is all that has happened, newest first and once, whoever asks for it in whatever pieces.</summary>
    public async Task PastShouldBeIn(ObjectLog log, int atOnce = 7) =>
        (await LogUnderTest.PastOfAsync(log, new HistoryQuery { Limit = atOnce })).ShouldBe(Past(log.Committed.Revision));

    /// <summary>All that has happened up to a revision, newest first.</summary>
    public IEnumerable<HistoryEntry> Past(long revision) =>
        _batches.Take((int)revision).SelectMany(batch => batch.Changes.Select((change, index) => new HistoryEntry
        {
            Revision = batch.Revision,
            Index = index,
            Time = batch.Time,
            Actor = batch.Actor,
            RequestId = batch.RequestId,
            Change = change,
        })).Reverse();

    /// <summary>The log answers for the last requests.</summary>
    public async Task RequestsShouldBeIn(ObjectLog log, int count)
    {
        var done = _batches.Take((int)log.Committed.Revision).Where(batch => batch.RequestId is not null).TakeLast(count);
        foreach (var batch in done)
        {
            var request = (await log.FindRequestAsync(batch.RequestId!)).ShouldNotBeNull($"request of revision {batch.Revision}");
            request.Revision.ShouldBe(batch.Revision);
            request.Outcome.ToArray().ShouldBe(batch.Outcome.ToArray());
        }
    }

    private static Dictionary<ObjectKey, StoredObject> Objects(IEnumerable<Batch> batches)
    {
        Dictionary<ObjectKey, StoredObject> objects = [];
        foreach (var change in batches.SelectMany(batch => batch.Changes))
        {
            objects.Remove(change.Key);
            if (change.Object is { } next)
            {
                objects.Add(change.Key, next);
            }
        }

        return objects;
    }

    private Batch Next(int revision) => new()
    {
        Revision = revision,
        Time = Start.AddSeconds(revision),
        Actor = "orchestrator",
        RequestId = _random.Next(3) == 0 ? null : $"request-{revision}",
        Outcome = BitConverter.GetBytes(revision),
        Changes = [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Change(revision)).DistinctBy(change => change.Key).Select(WithBefore)],
    };

    private ObjectChange WithBefore(ObjectChange change)
    {
        var before = _objects.GetValueOrDefault(change.Key);
        _objects.Remove(change.Key);
        if (change.Object is { } next)
        {
            _objects.Add(change.Key, next);
        }

        return LogUnderTest.StreamOf(change.Kind) == HistoryStream.Calm ? change with { Before = before } : change;
    }

    private ObjectChange Change(int revision)
    {
        var key = new ObjectKey(_random.Next(1, 3), $"object-{_random.Next(20)}");
        if (_random.Next(4) == 0)
        {
            return ObjectChange.Delete(key);
        }

        var content = new byte[_random.Next(_random.Next(10) == 0 ? 900 : 60)];
        _random.NextBytes(content);
        return ObjectChange.Put(key, new StoredObject
        {
            Content = content,
            Uid = $"{key.Name}-{revision}",
            Generation = revision,
            Revision = revision,
            CreateTime = Start,
            UpdateTime = Start.AddSeconds(revision),
        });
    }
}
