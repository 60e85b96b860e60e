using System.Collections.Immutable;
using Vallum.Cluster.Objects;
using Vallum.Silo.Storage.Log;

namespace Vallum.Silo.Grains.Objects;

/// <summary>A batch that waits for its turn.</summary>
/// <param name="edits">Asked for in place of a judgement; null: <paramref name="batch"/> is judged.</param>
internal sealed class PendingApply(ApplyBatch batch, Func<IObjectView, CommitStamp, IEnumerable<ScopeEdit>>? edits)
{
    public ApplyBatch Batch => batch;

    public Func<IObjectView, CommitStamp, IEnumerable<ScopeEdit>>? Edits => edits;

    public TaskCompletionSource<ApplyReply> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A batch of a group that is to be written.</summary>
internal sealed record AcceptedBatch(ApplyBatch Batch, ImmutableArray<ChangeOutcome> Outcomes, CommittedBatch Committed)
{
    public Batch ToBatch() => new()
    {
        Revision = Committed.Revision,
        Time = Committed.Time,
        Actor = Batch.Actor,
        RequestId = Batch.RequestId.Length == 0 ? null : Batch.RequestId,
        Outcome = StoredForm.OutcomeOf(Outcomes),
        Changes = StoredForm.ChangesOf(Committed.Edits),
    };
}

/// <summary>
/// The batches that are written together, and what each is answered once they are durable. A refusal too waits for that: it may stand on a batch before it.
/// </summary>
internal sealed class ScopeGroup(IObjectView committed, long revision)
{
    private readonly List<PendingApply> _taken = [];
    private readonly Dictionary<PendingApply, ApplyReply> _answers = [];
    private readonly HashSet<string> _requests = [];
    private readonly ObjectDraft _state = new(committed);

    /// <summary>The state after the batches accepted so far.</summary>
    public IObjectView State => _state;

    public long Revision { get; private set; } = revision;

    public List<AcceptedBatch> Accepted { get; } = [];

    public int Count => _taken.Count;

    /// <summary>The request is in this group: what it is answered is known only after it.</summary>
    public bool Knows(string requestId) => _requests.Contains(requestId);

    public void Take(PendingApply pending)
    {
        _taken.Add(pending);
        if (pending.Batch.RequestId.Length > 0)
        {
            _requests.Add(pending.Batch.RequestId);
        }
    }

    public void Answer(PendingApply pending, ApplyReply reply) => _answers[pending] = reply;

    /// <summary>The batch is answered by an exception, at once: it stands on nothing.</summary>
    public void Fail(PendingApply pending, Exception exception)
    {
        _taken.Remove(pending);
        pending.Reply.TrySetException(exception);
    }

    public void Accept(PendingApply pending, CommitStamp stamp, Judgement judgement)
    {
        Add(pending, stamp, judgement.Outcomes, judgement.Draft);
    }

    public void Accept(PendingApply pending, CommitStamp stamp, IEnumerable<ScopeEdit> edits)
    {
        var draft = new ObjectDraft(_state);
        foreach (var edit in edits)
        {
            draft.Set(edit.Key, edit.After);
        }

        if (draft.Edits.Count == 0)
        {
            Answer(pending, new ApplyReply(Revision, [], null));
        }
        else
        {
            Add(pending, stamp, [], draft);
        }
    }

    /// <summary>Everything is durable: tells each what became of it.</summary>
    public void Release()
    {
        foreach (var pending in _taken)
        {
            pending.Reply.TrySetResult(_answers[pending]);
        }
    }

    /// <summary>What became of the group is not known.</summary>
    public void Abandon(Exception exception)
    {
        foreach (var pending in _taken)
        {
            pending.Reply.TrySetException(exception);
        }
    }

    private void Add(PendingApply pending, CommitStamp stamp, ImmutableArray<ChangeOutcome> outcomes, ObjectDraft draft)
    {
        Accepted.Add(new AcceptedBatch(pending.Batch, outcomes, new CommittedBatch(stamp.Revision, stamp.Time, [.. draft.Edits])));
        draft.WriteInto(_state);
        Revision = stamp.Revision;
        Answer(pending, new ApplyReply(Revision, outcomes, null));
    }
}
