using Vallum.Cluster.Objects;
using Vallum.Silo.Storage.Log;
using ObjectChange = Vallum.Cluster.Objects.ObjectChange;

namespace Vallum.Silo.Grains.Objects;

/// <summary>
/// The objects that one grain owns. One loop takes the batches that wait, judges each on the state after the one before, writes all of them, and answers:
/// validation and commits are strictly in order, and batches that wait while a row is written go into the next one together. Readers see what is durable.
/// Lives on its grain's scheduler.
/// </summary>
internal sealed class ObjectScope
{
    private readonly Queue<PendingApply> _waiting = [];
    private readonly IScopeOwner _owner;
    private readonly ObjectLog _log;
    private readonly ScopeLimits _limits;
    private readonly TimeProvider _time;
    private readonly ChangeSignal _committed = new();
    private Task _loop = Task.CompletedTask;
    private Exception? _failure;
    private long _unansweredBytes;

    private ObjectScope(IScopeOwner owner, ObjectLog log, ScopeLimits limits, TimeProvider time)
    {
        (_owner, _log, _limits, _time) = (owner, log, limits, time);
    }

    public ObjectTable Objects { get; } = new();

    /// <summary>The revision that is durable and that readers see.</summary>
    public long Revision { get; private set; }

    /// <summary>Counts the activations of the grain that owns the scope.</summary>
    public long Epoch => _log.Epoch;

    public ObjectLogCounters Counters => _log.Counters;

    /// <summary>Reads every object of an opened log.</summary>
    /// <exception cref="InvalidDataException">An object cannot be read.</exception>
    public static ObjectScope Over(ObjectLog log, IScopeOwner owner, ScopeLimits limits, TimeProvider time)
    {
        var scope = new ObjectScope(owner, log, limits, time) { Revision = log.Committed.Revision };
        foreach (var (key, stored) in log.Committed.Objects)
        {
            var document = StoredForm.DocumentOf(key.Kind, key.Name, stored);
            var value = document.Kind == ObjectKind.TenantPending
                ? document.Name
                : ContentParser.Value(document.Kind, document.Kind == ObjectKind.TenantEntry ? document.Name : owner.Tenant, document.Name, document.Content);
            scope.Objects.Apply(new ScopeEdit(new ScopeKey(document.Kind, document.Name), null, new ScopeObject(document, value)));
        }

        return scope;
    }

    /// <exception cref="CommitUnknownException">The storage failed.</exception>
    public Task<ApplyReply> Apply(ApplyBatch batch) => Enqueue(new PendingApply(batch, null));

    /// <summary>A change of the owner's own, judged by nobody: it is asked for the edits when its turn comes, on the state before it.</summary>
    public Task<ApplyReply> Change(string actor, Func<IObjectView, CommitStamp, IEnumerable<ScopeEdit>> edits) =>
        Enqueue(new PendingApply(ApplyBatches.Empty(actor), edits));

    public ObjectDocument? Get(ObjectKind kind, string name) => Objects.Find(new ScopeKey(kind, name))?.Document;

    public ObjectPage List(ListObjects request) => Objects.Page(request, Revision);

    public async Task<FeedReply> Feed(FeedRequest request, CancellationToken cancellationToken)
    {
        var next = _committed.Next;
        if (request.After == Revision)
        {
            await ChangeSignal.WaitAsync(next, LongPoll.Grant(request.Wait), _time, cancellationToken);
        }

        return ObjectFeed.Since(request.After, _log, Objects);
    }

    public Task<HistoryReply> History(HistoryRequest request) => ObjectHistory.ReadAsync(request, _log, Objects);

    /// <summary>Finishes what was accepted, and closes the log.</summary>
    public async Task CloseAsync()
    {
        _failure ??= new CommitUnknownException("The grain is ending.");
        await _loop;
        _committed.Raise();
        if (!_log.IsFaulted)
        {
            await _log.CloseAsync();
        }
    }

    private Task<ApplyReply> Enqueue(PendingApply pending)
    {
        if (_failure is { } failure)
        {
            return Task.FromException<ApplyReply>(failure);
        }

        if (_waiting.Count >= _limits.WaitingBatches)
        {
            return Task.FromResult(Refusal(FaultKind.Exhausted, "TOO_MANY_WAITING", $"{_waiting.Count} batches wait already: try again after a while."));
        }

        var bytes = pending.Batch.Changes.Sum(change => (long)change.Content.Length);
        if (bytes > _limits.BatchBytes || pending.Batch.Changes.Length > _limits.BatchChanges)
        {
            return Task.FromResult(Refusal(
                FaultKind.TooLarge,
                "BATCH_TOO_LARGE",
                $"The batch has {pending.Batch.Changes.Length} changes and {bytes} bytes; at most {_limits.BatchChanges} and {_limits.BatchBytes} are taken. Send less at once."));
        }

        if (_unansweredBytes + bytes > _limits.WaitingBytes)
        {
            return Task.FromResult(Refusal(FaultKind.Exhausted, "TOO_MANY_WAITING", $"batches of {_unansweredBytes} bytes wait already: try again after a while."));
        }

        return AnsweredAsync(pending, bytes);
    }

    private async Task<ApplyReply> AnsweredAsync(PendingApply pending, long bytes)
    {
        _unansweredBytes += bytes;
        _waiting.Enqueue(pending);
        if (_loop.IsCompleted)
        {
            _loop = RunAsync();
        }

        try
        {
            return await pending.Reply.Task;
        }
        finally
        {
            _unansweredBytes -= bytes;
        }
    }

    private ApplyReply Refusal(FaultKind kind, string reason, string message) => new(Revision, [], new Fault(kind, reason, message, []));

    private async Task RunAsync()
    {
        // Whoever asked goes on first: those that ask in the same turn are in the same group.
        await Task.Yield();
        while (_waiting.Count > 0)
        {
            var group = new ScopeGroup(Objects, Revision);
            try
            {
                await TakeAsync(group);
                await CommitAsync(group);
            }
            catch (Exception exception)
            {
                Fail(exception, group);
                return;
            }
        }
    }

    /// <summary>Judges what waits, each batch on the state after those before it.</summary>
    private async Task TakeAsync(ScopeGroup group)
    {
        while (group.Count < _limits.GroupBatches && _waiting.TryPeek(out var pending) && !group.Knows(pending.Batch.RequestId))
        {
            _waiting.Dequeue();
            group.Take(pending);
            try
            {
                if (await FindAnswerAsync(pending.Batch) is { } answer)
                {
                    group.Answer(pending, answer);
                }
                else
                {
                    await JudgeAsync(group, pending);
                }
            }
            catch (Exception exception)
            {
                // Nothing of this batch was written: a grain that it needs did not answer. The others go on.
                group.Fail(pending, exception);
            }
        }
    }

    private async Task JudgeAsync(ScopeGroup group, PendingApply pending)
    {
        var stamp = new CommitStamp(group.Revision + 1, _time.GetUtcNow(), () => Guid.NewGuid().ToString());
        if (pending.Edits is { } edits)
        {
            group.Accept(pending, stamp, edits(group.State, stamp));
            return;
        }

        var parsed = ParsedBatch.Of(pending.Batch, _owner.Tenant);
        var rules = await _owner.RulesForAsync(parsed);
        var judgement = new BatchJudge(rules).Judge(group.State, parsed, stamp);
        if (judgement.Fault is not null || judgement.ChangesNothing)
        {
            group.Answer(pending, new ApplyReply(group.Revision, judgement.Outcomes, judgement.Fault));
            return;
        }

        var prepared = new PreparedBatch(stamp.Revision, stamp.Time, judgement.Draft, judgement.ChangeOf);
        if (pending.Batch.ValidateOnly)
        {
            var foreseen = await _owner.ForeseeAsync(prepared);
            group.Answer(pending, new ApplyReply(group.Revision, foreseen is null ? judgement.Outcomes : [], foreseen));
            return;
        }

        if (await _owner.PrepareAsync(prepared) is { } fault)
        {
            group.Answer(pending, new ApplyReply(group.Revision, [], fault));
            return;
        }

        group.Accept(pending, stamp, judgement);
    }

    private async Task<ApplyReply?> FindAnswerAsync(ApplyBatch batch)
    {
        if (batch.RequestId.Length == 0 || await _log.FindRequestAsync(batch.RequestId) is not { } known)
        {
            return null;
        }

        if (known.Outcome.Length != batch.Changes.Length)
        {
            return Refusal(FaultKind.Invalid, "REQUEST_ID_REUSED", $"The request id '{batch.RequestId}' was used for another request: use a new one for each.");
        }

        var outcomes = batch.Changes.Select((change, index) => OutcomeOf(change, (ChangeType)known.Outcome.Span[index]));
        return new ApplyReply(known.Revision, [.. outcomes], null);
    }

    private ChangeOutcome OutcomeOf(ObjectChange change, ChangeType type) =>
        new(type, null, type == ChangeType.Deleted ? null : Get(change.Kind, change.Name));

    private async Task CommitAsync(ScopeGroup group)
    {
        await Task.WhenAll(group.Accepted.Select(accepted => _log.AppendAsync(accepted.ToBatch())).ToList());
        foreach (var accepted in group.Accepted)
        {
            foreach (var edit in accepted.Committed.Edits)
            {
                Objects.Apply(edit);
            }

            Revision = accepted.Committed.Revision;
            _owner.Committed(accepted.Committed);
        }

        if (group.Accepted.Count > 0)
        {
            _committed.Raise();
        }

        foreach (var accepted in group.Accepted)
        {
            await _owner.TellAsync(accepted.Committed);
        }

        group.Release();
        foreach (var accepted in group.Accepted)
        {
            await _owner.SettleAsync(accepted.Committed);
        }
    }

    private void Fail(Exception exception, ScopeGroup group)
    {
        _failure = new CommitUnknownException("The storage failed: the batch may or may not have been committed. Try again with the same request id.", exception);
        group.Abandon(_failure);
        while (_waiting.TryDequeue(out var pending))
        {
            pending.Reply.TrySetException(_failure);
        }

        _owner.Fail(exception);
        _committed.Raise();
    }
}
